// Times of a chart in the reader's own zone. A chart of more than a day has days of UTC and keeps UTC.
const language = document.documentElement.lang || "en"
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })

const isLocal = (figure) => "chartClock" in figure.dataset

/** Rewrites the axis and its note. */
export function localise(figure) {
  if (!isLocal(figure)) return
  figure.querySelectorAll("text[data-at]").forEach((text) => { text.textContent = clock.format(new Date(text.dataset.at)) })
  const note = figure.querySelector("[data-chart-zone]")
  if (note) note.textContent = note.dataset.local
}

/** What a point's beginning is called, as the axis has it. */
export function pointTime(time, figure) {
  return isLocal(figure) ? clock.format(new Date(time.dateTime)) : time.textContent
}
