// Rows with [data-about]: hover, focus and tap on a figure show where the row's figures are from, fetched from that
// address, in the page's one [data-about-panel]. A figure that is a link to its own evidence, a[data-about], is its own
// row. Without this module the links lead to the same as a page.
import { placeBeside } from "aigo/beside"
import { Panel, fetched } from "aigo/panel"

const DELAY_MS = 220
const FIGURE = "[data-about] [data-figure], a[data-about]"
const popover = document.querySelector("[data-about-panel]")
const panel = popover && new Panel(popover)
let timer = 0
let shown = null

const isOpen = () => popover?.matches(":popover-open")
const rowOf = (figure) => figure.closest("[data-about]")

function mark(figure) {
  for (const line of popover.querySelectorAll("[data-missing-figure]")) {
    line.toggleAttribute("data-current", line.dataset.missingFigure === figure.dataset.figure)
  }
}

async function show(figure) {
  if (!popover || !figure.isConnected) return
  const sameRow = shown && rowOf(shown) === rowOf(figure) && isOpen()
  shown = figure
  figure.removeAttribute("title")
  if (!sameRow) panel.goodAt = null
  if (!isOpen()) popover.showPopover()
  placeBeside(popover, figure)
  mark(figure)
  if (!sameRow) await load(figure)
}

async function load(figure) {
  const address = new URL(rowOf(figure).dataset.about || figure.href, location.href)
  address.searchParams.set("fragment", "")
  await panel.load(fetched(address))
  if (popover.dataset.failed) panel.body.textContent = popover.dataset.textFailed
  if (!shown || !isOpen() || rowOf(shown) !== rowOf(figure)) return
  mark(shown) // the reader may have gone on along the row meanwhile
  placeBeside(popover, shown)
}

/** The row has been measured anew while it is read about. */
document.addEventListener("aigo:rows", ({ detail }) => {
  const row = isOpen() && shown && rowOf(shown)
  if (row && detail.slugs.includes(row.dataset.slug)) load(shown)
})

function hide() {
  shown = null
  if (isOpen()) popover.hidePopover()
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse" || !popover) return
  const figure = event.target.closest?.(FIGURE)
  clearTimeout(timer)
  if (figure && !document.querySelector(":popover-open:not([data-about-panel])")) timer = setTimeout(show, DELAY_MS, figure)
  else if (!figure && isOpen() && !popover.contains(event.target) && !shown?.contains(document.activeElement)) timer = setTimeout(hide, DELAY_MS)
})

document.addEventListener("focusin", (event) => {
  const figure = event.target.closest(FIGURE)
  if (figure?.matches(":focus-visible")) show(figure)
})

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (target.closest(FIGURE) && !popover?.contains(relatedTarget) && !relatedTarget?.closest(FIGURE)) hide()
})

// Enter on the samples link leads to the page; a tap on any figure opens the panel, one beside it closes it. Where the
// figure opens the slide-over, that says more; one that leads to its source does.
document.addEventListener("click", (event) => {
  clearTimeout(timer)
  const figure = event.target.closest(FIGURE)
  if (figure && popover && !figure.matches("[data-slide-over], [data-follows]") && event.detail > 0 && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
    event.preventDefault()
    show(figure)
  } else if (isOpen() && !popover.contains(event.target)) hide()
})

document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide() })
