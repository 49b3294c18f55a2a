"""How heavy and how quick a page is, as Chromium counts it. Times are of a CPU slowed down four times."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import CDPSession, Page

from testing.quality.looking import Looker
from testing.quality.looks import Look

FIRST_VIEW_MOST_BYTES: Final = 150 * 1024
LCP_MOST_MS: Final = 1500.0
INTERACTION_MOST_MS: Final = 100.0
#: Of the frames while 5,000 rows are scrolled, at full speed: nineteen in twenty within two of 60 Hz.
FRAME_P95_MOST_MS: Final = 34.0
SLOWED_DOWN: Final = 4
TIMES: Final = 3
#: What moves the wheel; a screen or so each.
WHEEL_PX: Final = 700
WHEEL_TURNS: Final = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. most: the budget, None = none; detail: what it is made of."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    detail: str = ""

    @property
    def holds(self) -> bool:
        within = self.most is None or self.value <= self.most
        return within and (self.least is None or self.value >= self.least)

    def __str__(self) -> str:
        budget = f"≤ {self.most:g}" if self.most is not None else ""
        budget = f"≥ {self.least:g}" if self.least is not None else budget
        verdict = "" if not budget else "ok" if self.holds else "OVER"
        return f"{self.name:<46}{self.value:>10.1f} {self.unit:<6}{budget:>10}  {verdict:<5}{self.detail}"


@contextmanager
def fresh_page(looker: Looker, look: Look, *, slow: bool = False) -> Iterator[tuple[Page, CDPSession]]:
    """A page with nothing in its cache. slow: its CPU is SLOWED_DOWN."""
    context = looker.fresh(look)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if slow:
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED_DOWN})
    try:
        yield page, session
    finally:
        context.close()


def first_view(looker: Looker, look: Look, path: str) -> Figure:
    """Bytes over the wire until the page has come to rest, headers included, by who asked for them."""
    with fresh_page(looker, look) as (page, _session):
        page.goto(looker.url + path, wait_until="load")
        page.wait_for_timeout(2000)
        fetched = page.evaluate(_FETCHED)
    sizes: dict[str, float] = defaultdict(float)
    for kind, size in fetched:
        sizes[kind] += size
    detail = ", ".join(f"{kind} {size / 1024:.0f}" for kind, size in sorted(sizes.items()) if size >= 512)
    most = FIRST_VIEW_MOST_BYTES / 1024
    return Figure(f"first view {path} {look}", sum(sizes.values()) / 1024, "KiB", most, detail=detail)


_FETCHED: Final = """() => [
  ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].map(({ name, transferSize }) => [
  (new URL(name).pathname.match(/\\.(css|js|woff2|svg|png)$/) ?? ["", "html and json"])[1], transferSize,
])"""


def largest_paint(looker: Looker, look: Look, path: str) -> Figure:
    """The median of some first loads."""
    found = []
    for _ in range(TIMES):
        with fresh_page(looker, look, slow=True) as (page, _session):
            page.goto(looker.url + path, wait_until="load")
            page.wait_for_timeout(1500)
            found.append(float(page.evaluate("window.__quality.lcp() ?? 1e9")))
    detail = " ".join(f"{value:.0f}" for value in found)
    return Figure(f"LCP {path} {look}", statistics.median(found), "ms", LCP_MOST_MS, detail=detail)


def interaction(looker: Looker, look: Look, path: str, name: str, act: Callable[[Page], None]) -> Figure:
    """The longest event of what a reader does, from the input to the next frame (INP's measure)."""
    with fresh_page(looker, look, slow=True) as (page, _session):
        page.goto(looker.url + path, wait_until="load")
        page.wait_for_timeout(2000)
        act(page)
        page.wait_for_timeout(700)
        events = page.evaluate("window.__quality.events()")
    longest = max((event["duration"] for event in events), default=0.0)
    worst = max(events, key=lambda event: event["duration"], default={"name": "below 16 ms"})
    return Figure(f"{name} {look}", longest, "ms", INTERACTION_MOST_MS, detail=worst["name"])


def scrolling(looker: Looker, look: Look, path: str, over: str = "") -> list[Figure]:
    """Frames while the wheel turns over the whole page, or over what scrolls within it."""
    with fresh_page(looker, look) as (page, _session):
        page.goto(looker.url + path, wait_until="load")
        page.wait_for_timeout(2000)
        if over:
            page.locator(over).scroll_into_view_if_needed()
            page.locator(over).evaluate("box => box.scrollIntoView()")
        page.mouse.move(look.width / 2, 400)
        page.evaluate(_COUNT_FRAMES)
        for _ in range(WHEEL_TURNS):
            page.mouse.wheel(0, WHEEL_PX)
            page.wait_for_timeout(50)
        page.wait_for_timeout(500)
        frames = sorted(page.evaluate("window.__frames"))
        rows = page.locator("[data-slug]").count()
    p95 = frames[int(0.95 * (len(frames) - 1))]
    detail = f"{len(frames)} frames, longest {frames[-1]:.0f} ms, {rows} rows came"
    return [Figure(f"frame p95, scrolling {path} {look}", p95, "ms", FRAME_P95_MOST_MS, detail=detail)]


_COUNT_FRAMES: Final = """() => {
  window.__frames = []
  let last = performance.now()
  const next = (now) => { window.__frames.push(now - last); last = now; requestAnimationFrame(next) }
  requestAnimationFrame(next)
}"""
