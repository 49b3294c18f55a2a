// [data-figure] in a row: hover, focus and the arrow keys show the row's [data-provenance] beside the figure.
// Without this module the samples button opens the same popover by itself (popovertarget).
const DELAY_MS = 220
let timer = 0

const panelOf = (figure) => figure.closest("[data-slug]")?.querySelector("[data-provenance]")
const isOpen = (panel) => panel.matches(":popover-open")

function place(panel, figure) {
  const box = figure.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const left = Math.max(8, Math.min(box.right - width, document.documentElement.clientWidth - width - 8))
  const below = box.bottom + 6
  const top = below + height > innerHeight && box.top - height - 6 > 0 ? box.top - height - 6 : below
  panel.style.left = `${left}px`
  panel.style.top = `${top}px`
  panel.style.margin = "0"
}

function show(figure) {
  const panel = panelOf(figure)
  if (!panel) return
  figure.removeAttribute("title")
  panel.querySelectorAll("[data-missing-figure]").forEach((line) => {
    line.toggleAttribute("data-current", line.dataset.missingFigure === figure.dataset.figure)
  })
  if (!isOpen(panel)) panel.showPopover()
  place(panel, figure)
}

function hide(panel) {
  if (panel && isOpen(panel)) panel.hidePopover()
}

function step(figure, key) {
  const row = figure.closest("[data-slug]")
  const figures = [...row.querySelectorAll("[data-figure]")]
  const at = figures.indexOf(figure)
  if (key === "ArrowLeft") return figures[at - 1]
  if (key === "ArrowRight") return figures[at + 1]
  const neighbour = key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling
  return neighbour?.querySelectorAll("[data-figure]")[at]
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return
  const figure = event.target.closest?.("[data-figure]")
  clearTimeout(timer)
  if (figure) timer = setTimeout(show, DELAY_MS, figure)
  else if (!event.target.closest?.("[data-provenance]")) {
    const open = document.querySelector("[data-provenance]:popover-open")
    if (open && !open.closest("[data-slug]").contains(document.activeElement)) timer = setTimeout(hide, DELAY_MS, open)
  }
})

document.addEventListener("focusin", (event) => {
  const figure = event.target.closest("[data-figure]")
  if (figure?.matches(":focus-visible")) show(figure)
})

document.addEventListener("focusout", (event) => {
  const row = event.target.closest("[data-slug]")
  if (row && !row.contains(event.relatedTarget)) hide(row.querySelector("[data-provenance]"))
})

document.addEventListener("click", (event) => {
  const figure = event.target.closest("button[data-figure]")
  if (figure) show(figure)
})

document.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow")) return
  const figure = event.target.closest("[data-figure]")
  const next = figure && step(figure, event.key)
  if (!next) return
  event.preventDefault()
  next.focus({ focusVisible: true })
})
