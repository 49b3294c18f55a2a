// time[data-relative]: "12 seconds ago" in the page's language, refreshed every 10 s; the title keeps the moment.
import { byServer } from "aigo/clock"

const language = document.documentElement.lang || "en"
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" })
const absolute = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" })
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]]

export function relativeText(moment, now = byServer(Date.now())) {
  const seconds = Math.round((moment - now) / 1000)
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1)
  return relative.format(Math.trunc(seconds / size) || -0, unit)
}

function write(element) {
  const moment = Date.parse(element.dateTime)
  if (Number.isNaN(moment)) return
  const text = relativeText(moment)
  if (element.textContent !== text) element.textContent = text
  if (element.dataset.titled !== element.dateTime) {
    element.title = absolute.format(moment)
    element.dataset.titled = element.dateTime
  }
}

export function refreshTimes(root = document) {
  root.querySelectorAll("time[data-relative]").forEach(write)
}

refreshTimes()
setInterval(() => refreshTimes(), 10_000)
addEventListener("visibilitychange", () => { if (!document.hidden) refreshTimes() })
