"""What a reader meets who has a keyboard only."""

from typing import Any, Final

from playwright.sync_api import Page

#: More stops than this are not walked.
MOST_STOPS: Final = 90
_HERE: Final = """() => {
  const node = document.activeElement
  if (!node || node === document.body) return null
  window.__stops ??= []
  const box = node.getBoundingClientRect()
  const style = getComputedStyle(node)
  const around = node.closest("label, li, tr, td, th, summary, figure") ?? node
  const ringed = (one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 1)
    || one.boxShadow !== "none"
  const last = window.__stops.at(-1)
  const again = window.__stops.includes(node)
  const after = !last || !last.isConnected
    || Boolean(last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)
  window.__stops.push(node)
  const words = node.getAttribute("aria-label") ?? node.textContent.trim()
  return {
    name: `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} “${words.slice(0, 40)}”`,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
      && box.top < innerHeight && box.left < innerWidth,
    ringed: ringed(style) || ringed(getComputedStyle(around)) || ringed(getComputedStyle(node, "::after")),
    after, again,
  }
}"""


def walk(page: Page) -> tuple[list[dict[str, Any]], list[str]]:
    """(the stops that Tab makes from the top on, what is wrong with them)."""
    page.evaluate("window.__stops = []; document.activeElement?.blur()")
    stops: list[dict[str, Any]] = []
    faults: list[str] = []
    while len(stops) < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(_HERE)
        if stop is None or stop["again"]:
            break
        stops.append(stop)
        if not stop["seen"]:
            faults.append(f"focus goes where nobody sees it: {stop['name']}")
        if not stop["ringed"]:
            faults.append(f"nothing shows that it has the focus: {stop['name']}")
        if not stop["after"]:
            faults.append(f"focus goes back to {stop['name']}")
    return stops, faults
