"""A browser that looks at pages as a demanding reader would, and says what is wrong with them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from aigo.collected import without_blanks
from testing.environment import ROOT
from testing.quality import wording
from testing.quality.looks import HEIGHTS, Look

HERE: Final = Path(__file__).resolve().parent
SCREENSHOTS: Final = ROOT / "var" / "screenshots"
#: WCAG 2.2 AA and what axe's makers know besides.
AXE_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Fonts and lazy parts have come, or will not shift anything any more.
SETTLED_MS: Final = 250
#: Screenshots of wider windows are not kept.
WIDEST_KEPT: Final = 1600


@cache
def axe() -> str:
    """axe-core's own text."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


class Watched:
    """A page whose troubles are noted from the first byte on."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.troubles: list[str] = []
        page.on("console", self._say)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("response", self._answer)
        page.on("requestfailed", lambda request: self.troubles.append(f"failed: {request.url}"))

    def _say(self, message: ConsoleMessage) -> None:
        if message.text.startswith("Failed to load resource"):
            return  # told by `_answer` and "requestfailed"; a page that says 404 itself is none
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _answer(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.troubles.append(f"{response.status}: {response.url}")

    def open(self, path: str) -> "Watched":
        self.troubles.clear()
        self.page.goto(self.url + path, wait_until="load")
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until fonts are there and nothing is fetched any more."""
        self.page.evaluate("document.fonts.ready.then(() => null)")
        self.page.wait_for_timeout(SETTLED_MS)

    def resized(self, width: int) -> "Watched":
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        return self

    def faults(self, lang: str) -> list[str]:
        """Everything that is wrong with the page as it stands, each with where."""
        return [
            *self.moved(),  # before axe's own long look, in which the board may have news
            *self.overflowing(),
            *self.unstyled(),
            *wording.oddities(self.page.evaluate(_script("words.js")), lang),
            *self.inaccessible(),
            *self.troubles,
        ]

    def moved(self) -> list[str]:
        """What shifted unasked since this was called last: CLS is 0, to four places, or a line for each."""
        shifts = self.page.evaluate(
            "(window.__quality?.moved() ?? []).filter(({ value }) => value >= 0.00005)"
        )
        return [f"moved by {shift['value']:.4f}: {'; '.join(shift['who'])}" for shift in shifts]

    def age(self, seconds: int) -> None:
        """Let every moment of the page be longer ago, as its reader sees who keeps it open."""
        self.page.evaluate(_AGED, seconds)

    def overflowing(self) -> list[str]:
        """Who makes the page wider than the window."""
        too_wide = self.page.evaluate(_OVERFLOWING)
        return [f"wider than the window: {who}" for who in too_wide]

    def unstyled(self) -> list[str]:
        """Classes that our style sheets have rules for, but none that this page has linked."""
        classes, linked = self.page.evaluate(_CLASSES)
        known = styled_classes()
        return [
            f"unstyled: .{name}, which {', '.join(sorted(known[name]))} has"
            for name in classes
            if name in known and not known[name].intersection(linked)
        ]

    def inaccessible(self, within: str | None = None) -> list[str]:
        """What axe finds."""
        self.page.evaluate(axe())
        found = self.page.evaluate(_AXE, [within, AXE_TAGS])
        return [f"axe {rule}: {where} ({why})" for rule, where, why in found]

    def keep(self, name: str) -> None:
        """A screenshot of what is in the window; of a wall's it would take as long as all else."""
        if self.page.viewport_size and self.page.viewport_size["width"] > WIDEST_KEPT:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


@cache
def styled_classes() -> dict[str, set[str]]:
    """Class → names of the style sheets below static/css that speak of it."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "static" / "css").glob("*.css"):
        for name in re.findall(r"\.([a-z][\w-]*)", without_blanks(file.read_text())):
            found.setdefault(name, set()).add(file.stem)
    return found


#: One sheet is one file where static files are not collected.
_CLASSES: Final = """() => [
  [...new Set([...document.querySelectorAll("[class]")].flatMap((node) => [...node.classList]))],
  [...document.querySelectorAll("link[rel=stylesheet]")].map(({ href }) => href.match(/([^/]+)\\.css$/)?.[1]),
]"""
_AXE: Final = """async ([within, tags]) => {
  const { violations } = await axe.run(within ?? document, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false,
  })
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) =>
    [id, node.target.join(" "), (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""]))
}"""
_AGED: Final = """async (seconds) => {
  for (const time of document.querySelectorAll("time[data-relative][datetime]"))
    time.dateTime = new Date(Date.parse(time.dateTime) - seconds * 1000).toISOString()
  dispatchEvent(new Event("visibilitychange"))  // as on coming back to the page: ages are told anew
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
}"""
_OVERFLOWING: Final = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  const held = (node) => node && node !== document.body
    && (getComputedStyle(node).overflowX !== "visible" || held(node.parentElement))
  const out = [...document.body.querySelectorAll("*")].filter((node) => {
    const box = node.getBoundingClientRect()
    return box.width && box.right > width + 1 && !held(node.parentElement)
  })
  const name = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""}`
  const right = (node) => Math.round(node.getBoundingClientRect().right)
  return [`${document.documentElement.scrollWidth} of ${width}`,
    ...out.slice(0, 5).map((node) => `${name(node)} to ${right(node)}`)]
}"""


@cache
def _script(name: str) -> str:
    return (HERE / name).read_text()


class Looker:
    """One browser; a context for each theme and language, kept, so that files are fetched once."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    def at(self, look: Look, *, quiet: bool = True) -> Watched:
        """A new page. quiet: its live feed is open and says nothing, so that nothing moves by itself."""
        page = self._context(look).new_page()
        page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
        if quiet:
            page.route_web_socket("**/ws/status**", lambda socket: None)
        return Watched(page, self.url)

    def _context(self, look: Look) -> BrowserContext:
        key = (look.theme, look.lang)
        if key not in self._contexts:
            self._contexts[key] = self.fresh(look)
        return self._contexts[key]

    def fresh(self, look: Look, **options: Any) -> BrowserContext:
        """A context of its own, with the look's theme and language."""
        context = self.browser.new_context(
            viewport={"width": look.width, "height": HEIGHTS[look.width]},
            locale={"en": "en-US", "ko": "ko-KR"}[look.lang],
            **options,
        )
        context.grant_permissions(["notifications"], origin=self.url)  # headless says no to all
        context.add_cookies([{"name": "django_language", "value": look.lang, "url": self.url}])
        context.add_init_script(f"localStorage.setItem('theme', '{look.theme}')")
        context.add_init_script(path=HERE / "probes.js")
        return context


@contextmanager
def opened(looker: Looker, look: Look, path: str) -> Iterator[Watched]:
    """A page that is closed afterwards."""
    watched = looker.at(look)
    try:
        yield watched.open(path)
    finally:
        watched.page.close()
