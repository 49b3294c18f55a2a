// Where a popover about a figure stands: below it, above where there is no room, and always inside the window.
const EDGE = 8
const GAP = 6

export function placeBeside(popover, figure) {
  const box = figure.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = popover
  const left = Math.max(EDGE, Math.min(box.right - width, document.documentElement.clientWidth - width - EDGE))
  const below = box.bottom + GAP
  const above = box.top - height - GAP
  const top = below + height > innerHeight && above > 0 ? above : below
  Object.assign(popover.style, { left: `${left}px`, top: `${top}px`, margin: "0" })
}
