// The moment that is read, marked on the lines: a dot on each course that has a value there. The engine draws on a
// canvas and the server in an SVG; both keep their scales in the figure's data, so that one mark fits either.
const COURSES = { p95: "latency", p50: "latency", availability: "availability" }

/** `left`: of the moment within the plots, px; `at`: the place of its point. A chart without columns has no lines. */
export function markMoment(figure, plots, at, left) {
  if (!figure.dataset.chart) return
  const columns = JSON.parse(figure.dataset.chart)
  const outer = plots.getBoundingClientRect()
  for (const [series, lane] of Object.entries(COURSES)) {
    const value = columns[series][at] ?? null
    const mark = dot(plots, series)
    mark.hidden = value === null
    if (mark.hidden) continue
    const { top, height } = plots.querySelector(`[data-lane="${lane}"] [data-chart-plot]`).getBoundingClientRect()
    const [low, high] = columns.scales[lane]
    mark.style.left = `${left}px`
    mark.style.top = `${top - outer.top + height * (1 - (value - low) / (high - low))}px`
  }
}

export function unmark(plots) {
  plots.querySelectorAll(".chart__dot").forEach((mark) => { mark.hidden = true })
}

function dot(plots, series) {
  const known = plots.querySelector(`.chart__dot[data-of="${series}"]`)
  if (known) return known
  const mark = Object.assign(document.createElement("i"), { className: "chart__dot" })
  mark.dataset.of = series
  plots.append(mark)
  return mark
}
