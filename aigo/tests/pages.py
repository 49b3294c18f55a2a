"""Pages rendered from samples and served to a browser without any server: templates, static files, CSP."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, Route, WebSocketRoute

from aigo.lib.regions import REGIONS
from aigo.styleguide import sample_row, sample_rows, sample_sparks, sample_unmeasured, samples
from aigo.templatetags.assets import import_map_hash
from status.board import Board, BoardRow, count
from status.board_views import board_context
from status.filtering import Asked, BoardWish, select
from status.live.frames import View
from status.live.source import told_row

SITE = "http://aigo.test"
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}


def make_board(rows: Iterable[BoardRow] | None = None) -> Board:
    """A board of the style guide's samples, or of `rows`, in their order."""
    endpoints = tuple([*sample_rows(), *sample_unmeasured()] if rows is None else rows)
    return Board(
        region="all",
        sort="usage",
        generated_at=datetime.now(UTC),
        event_id="",
        method_version="2026.11.1",
        counts=count(endpoints, catalogue_models=4812),
        endpoints=endpoints,
        regions=REGIONS,
    )


def three_rows() -> list[BoardRow]:
    """Rows a, b and c, all operational."""
    return [
        sample_row(slug=f"sample--{letter}", name=letter.upper(), rank=rank)
        for rank, letter in enumerate("abc", 1)
    ]


def render_page(template: str, context: dict[str, Any], *, lang: str = "en") -> str:
    """The whole page as HTML, with the site's own context processors."""
    request = RequestFactory().get("/")
    with translation.override(lang):
        return render_to_string(template, context, request=request)


def render_board(
    board: Board | None = None, *, lang: str = "en", wish: BoardWish | None = None, cards: bool = False
) -> str:
    """`/` for a board and a wish. `cards`: its first rows stand on cards, as on the site."""
    found = select(board or make_board(), wish or BoardWish())
    context = board_context(Asked(found.wish), found) | {"sparks": sample_sparks()}
    if not cards:
        context |= {"top": [], "rows": found.rows}
    return render_page("status/board.html", context, lang=lang)


def render_styleguide(*, lang: str = "en") -> str:
    """`/styleguide/`."""
    return render_page("styleguide.html", samples(), lang=lang)


#: The rows that tell where their figures are from.
ABOUT = {row.slug: row for row in (*sample_rows(), *three_rows())}


def frame_row(row: BoardRow) -> dict[str, Any]:
    """A row as live frames carry it to pages in English."""
    return told_row(View(row.region, format="html"), row)


def policy() -> str:
    """The strict policy of the site: nothing inline but the import map."""
    return f"default-src 'self'; connect-src 'self' ws://aigo.test; script-src 'self' {import_map_hash()}"


def serve(page: Page, html: str, *, rows: dict[str, Any] | None = None) -> list[str]:
    """Answer the page's requests from memory. Returns the list that console errors are added to."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if path == "/":
            headers = {"Content-Security-Policy": policy()}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
        elif path == "/status/rows" and rows is not None:
            route.fulfill(json=rows)
        elif path.startswith("/status/about/"):
            row = ABOUT[path.removeprefix("/status/about/")]
            part = render_to_string("status/_provenance.html", {"row": row})
            route.fulfill(body=part, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
            route.fulfill(path=found, content_type=TYPES[path.rpartition(".")[2]])
        else:
            route.fulfill(status=404, body="")

    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.route("**/*", answer)
    return troubles


def stop_clock(page: Page, *, at: datetime | None = None) -> None:
    """Time passes for the page as the test lets its clock run, and not besides, on a slow machine either."""
    moment = at or datetime.now(UTC)
    page.clock.install(time=moment - timedelta(hours=1))  # it goes on until it is stopped, and never back
    page.clock.pause_at(moment)


@contextmanager
def live_socket(page: Page) -> Iterator[list[WebSocketRoute]]:
    """The page's WebSockets, newest last, each open and silent until the test sends."""
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/ws/status**", lambda socket: sockets.append(socket))
    yield sockets
