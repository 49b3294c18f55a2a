"""`make quality`: budgets of bytes, paint, interaction, large tables, Lighthouse: a table and a verdict.

Every figure is of the showcase with its static files as in production, in Debian's Chromium on this machine.
Exit status 0 = every budget holds. It takes some five minutes; `--only bytes` (or lcp, interaction, rows,
matrix, lighthouse) takes a part of it.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Page

from testing import browser, lighthouse
from testing.processes import ServerProcess, free_port
from testing.quality.budgets import Figure, first_view, interaction, largest_paint, scrolling
from testing.quality.looking import Looker
from testing.quality.looks import Look
from testing.quality.matrix import MODELS, SUITES, matrix_figures

MODEL: Final = "/models/lanternfell--wick-pro/"
SCORES: Final = "/benchmarks/"
COMPARISON: Final = "/compare/?models=gpt-4.1,o3,aurora-1,wick-pro"
DESK, DESK_KO = Look("dark", "en", 1440), Look("dark", "ko", 1440)
PHONE, PHONE_KO = Look("dark", "en", 360), Look("dark", "ko", 360)
ROWS: Final = 5_000
#: The server of 5,000 rows is seeded for longer.
SEEDED_WITHIN_S: Final = 400
PARTS: Final = ("bytes", "lcp", "interaction", "rows", "matrix", "lighthouse")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make quality", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append")
    wanted = parser.parse_args().only or list(PARTS)
    figures: list[Figure] = []
    small = [part for part in wanted if part not in ("rows", "matrix")]
    if small:
        with showcase() as url:
            figures += _measured(small, url)
    if "rows" in wanted:
        with showcase("--rows", str(ROWS)) as url, looking(url) as looker:
            figures += _told(rows_figures(looker))
    if "matrix" in wanted:
        with showcase("--scores", f"{MODELS}x{SUITES}") as url, looking(url) as looker:
            figures += _told(matrix_figures(looker, DESK, PHONE))
    over = [figure for figure in figures if not figure.holds]
    sys.stdout.write(f"\n{len(figures)} figures, {len(over)} over their budget\n")
    sys.stdout.writelines(f"  {figure}\n" for figure in over)
    return 1 if over or not figures else 0


def _measured(parts: list[str], url: str) -> list[Figure]:
    figures: list[Figure] = []
    kinds: dict[str, Callable[[Looker], Iterator[Figure]]] = {
        "bytes": byte_figures, "lcp": paint_figures, "interaction": interaction_figures,
    }  # fmt: skip
    with looking(url) as looker:
        for part in parts:
            if part in kinds:
                figures += _told(kinds[part](looker))
    if "lighthouse" in parts:
        figures += _told(lighthouse_figures(url))
    return figures


def _told(figures: Iterator[Figure]) -> list[Figure]:
    """Each is said when it is there."""
    found = []
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
        sys.stdout.flush()
        found.append(figure)
    return found


def byte_figures(looker: Looker) -> Iterator[Figure]:
    for look in (DESK, DESK_KO, PHONE, PHONE_KO):
        yield first_view(looker, look, "/")
    for look in (DESK, DESK_KO):
        yield first_view(looker, look, MODEL)
        yield first_view(looker, look, SCORES)
        yield first_view(looker, look, COMPARISON)


def paint_figures(looker: Looker) -> Iterator[Figure]:
    for path in ("/", MODEL, SCORES, COMPARISON):
        for look in (DESK, DESK_KO, PHONE, PHONE_KO):
            yield largest_paint(looker, look, path)


def interaction_figures(looker: Looker) -> Iterator[Figure]:
    for look in (DESK, PHONE_KO):
        for name, act in ACTS.items():
            yield interaction(looker, look, "/", name, act)
    for name, act in COMPARING.items():
        yield interaction(looker, DESK, COMPARISON, name, act)


def rows_figures(looker: Looker) -> Iterator[Figure]:
    yield first_view(looker, DESK, "/")
    yield largest_paint(looker, DESK, "/")
    yield from scrolling(looker, DESK, "/")
    yield from scrolling(looker, PHONE, "/")
    for name, act in ACTS.items():
        yield interaction(looker, DESK, "/", f"{ROWS} rows: {name}", act)


def lighthouse_figures(url: str) -> Iterator[Figure]:
    """The four scores of the board, a model's page, the matrix and a comparison, on a phone and on a desk."""
    for path in ("/", MODEL, SCORES, COMPARISON):
        for form in lighthouse.FORMS:
            report = lighthouse.audited(url + path, form)
            detail = "; ".join(lighthouse.lost(report))
            for category, score in lighthouse.scores(report).items():
                name = f"Lighthouse {category} {path} {form}"
                yield Figure(name, score, "", least=lighthouse.LIGHTHOUSE_LEAST, detail=detail)
                detail = ""


def switch_theme(page: Page) -> None:
    if not page.locator("[data-theme-toggle]:visible").count():  # on a phone it stands in the menu
        page.locator(".site-menu > button").click()
    page.locator("[data-theme-toggle]:visible").first.click()


def open_model(page: Page) -> None:
    page.locator("[data-slide-over]:visible").first.click()
    page.wait_for_timeout(400)


def type_a_search(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("aur", delay=60)


def ask_for_provenance(page: Page) -> None:
    page.locator("[data-figure]:visible").first.click()


def leave_a_model_out(page: Page) -> None:
    page.locator("[data-compare-choose] .chosen__act:last-child").first.click()
    page.wait_for_timeout(600)


def find_a_model(page: Page) -> None:
    page.locator("[data-compare-search]").click()
    page.keyboard.type("claude", delay=60)
    page.wait_for_timeout(600)


COMPARING: Final[dict[str, Callable[[Page], None]]] = {
    "leaving a model out": leave_a_model_out,
    "finding a model to compare": find_a_model,
}
ACTS: Final[dict[str, Callable[[Page], None]]] = {
    "switching the theme": switch_theme,
    "opening a model": open_model,
    "typing a search": type_a_search,
    "asking where a figure is from": ask_for_provenance,
}


@contextmanager
def showcase(*more: str) -> Iterator[str]:
    """The address of one that is ended afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "testing.showcase", "--hashed", "--port", str(port), *more]
    server = ServerProcess(command)
    try:
        server.wait_for_line("the showcase stands", timeout_s=SEEDED_WITHIN_S)
        server.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop_quickly()


@contextmanager
def looking(url: str) -> Iterator[Looker]:
    with browser.chromium() as chromium:
        yield Looker(chromium, url)


if __name__ == "__main__":
    sys.exit(main())
