"""The matrix of 500 models × 40 suites: its first view, paint, frames while it is scrolled, sorting."""

import statistics
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Page

from testing.quality.budgets import TIMES, Figure, first_view, fresh_page, largest_paint, scrolling
from testing.quality.looking import Looker
from testing.quality.looks import Look

MODELS, SUITES = 500, 40
PAGE: Final = "/benchmarks/"
EVERY: Final = f"{PAGE}?suites=all"
BOX: Final = "[data-matrix-box]"
#: From the click on a column's head to the frame with the rows in their new order, all rows in the page.
SORTED_WITHIN_MS: Final = 1000.0


def matrix_figures(looker: Looker, desk: Look, phone: Look) -> Iterator[Figure]:
    yield first_view(looker, desk, PAGE)
    yield largest_paint(looker, desk, PAGE)
    yield largest_paint(looker, phone, PAGE)
    yield largest_paint(looker, desk, EVERY)
    yield from scrolling(looker, desk, EVERY, BOX)
    yield from scrolling(looker, phone, EVERY, BOX)
    yield sorting(looker, desk)


def sorting(looker: Looker, look: Look) -> Figure:
    """Every row has been scrolled to before; the median of some times, each by another column."""
    with fresh_page(looker, look) as (page, _session):
        page.goto(looker.url + EVERY, wait_until="load")
        rows = _fetch_all(page)
        found = [page.evaluate(_SORT, place) for place in range(2, 2 + TIMES)]
    detail = f"{rows} rows in the page; " + " ".join(f"{value:.0f}" for value in found)
    name = f"sorting {MODELS} × {SUITES} {look}"
    return Figure(name, statistics.median(found), "ms", SORTED_WITHIN_MS, detail=detail)


def _fetch_all(page: Page) -> int:
    """Scroll to the end until nothing more comes."""
    for _ in range(100):
        page.locator(BOX).evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(100)
        if not page.locator("[data-matrix-next]").count():
            break
    return page.locator(f"{BOX} tbody tr").count()


_SORT: Final = """async (place) => {
  const box = document.querySelector("[data-matrix-box]")
  const began = performance.now()
  const link = box.querySelectorAll("thead .matrix__sort")[place]
  const head = () => document.getElementById(link.id).closest("th")
  link.click()
  while (box.hasAttribute("aria-busy") || !head().hasAttribute("aria-sort")) {
    await new Promise(requestAnimationFrame)
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  return performance.now() - began
}"""
