// Hover, focus and tap on a figure show its [data-provenance] beside it: its own in [data-traced], else that of its
// row ([data-slug]), where the arrow keys go from figure to figure. Without this module the buttons among them
// open the same popover by themselves (popovertarget).
import { placeBeside } from "aigo/beside"

const DELAY_MS = 220
const FIGURE = "[data-figure], .traced__figure"
const OWNER = "[data-traced], [data-slug]"
let timer = 0

const ownerOf = (element) => element.closest(OWNER)
const panelOf = (figure) => ownerOf(figure)?.querySelector("[data-provenance]")
const isOpen = (panel) => panel.matches(":popover-open")

function show(figure) {
  const panel = panelOf(figure)
  if (!panel) return
  figure.removeAttribute("title")
  panel.querySelectorAll("[data-missing-figure]").forEach((line) => {
    line.toggleAttribute("data-current", line.dataset.missingFigure === figure.dataset.figure)
  })
  if (!isOpen(panel)) panel.showPopover()
  placeBeside(panel, figure)
}

function hide(panel) {
  if (panel && isOpen(panel)) panel.hidePopover()
}

function step(figure, key) {
  const row = figure.closest("[data-slug]")
  if (!row) return null
  const figures = [...row.querySelectorAll("[data-figure]")]
  const at = figures.indexOf(figure)
  if (key === "ArrowLeft") return figures[at - 1]
  if (key === "ArrowRight") return figures[at + 1]
  const neighbour = key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling
  return neighbour?.querySelectorAll("[data-figure]")[at]
}

/** Pointing at a figure closes no menu that somebody opened. */
function point(figure) {
  if (!document.querySelector(":popover-open:not([data-provenance])")) show(figure)
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return
  clearTimeout(timer)
  if (event.target.closest?.("[data-provenance]")) return
  const figure = event.target.closest?.(FIGURE)
  if (figure) timer = setTimeout(point, DELAY_MS, figure)
  else {
    const open = document.querySelector("[data-provenance]:popover-open")
    if (open && !ownerOf(open)?.contains(document.activeElement)) timer = setTimeout(hide, DELAY_MS, open)
  }
})

document.addEventListener("focusin", (event) => {
  const figure = event.target.closest(FIGURE)
  if (figure?.matches(":focus-visible")) show(figure)
})

document.addEventListener("focusout", (event) => {
  const owner = ownerOf(event.target)
  if (owner && !owner.contains(event.relatedTarget)) hide(owner.querySelector("[data-provenance]"))
})

document.addEventListener("click", (event) => {
  const figure = event.target.closest("button[data-figure], button.traced__figure")
  if (figure) show(figure)
})

document.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow")) return
  const figure = event.target.closest(FIGURE)
  const next = figure && step(figure, event.key)
  if (!next) return
  event.preventDefault()
  next.focus({ focusVisible: true })
})
