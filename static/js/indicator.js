// [data-live-indicator]: connecting, live, polling, stale since …, offline since …
import { refreshTimes } from "aigo/times"

export class Indicator {
  constructor(element) {
    this.element = element
    this.text = element.querySelector("[data-live-text]")
    this.moment = element.querySelector("[data-live-moment]")
  }

  show(status, since = null) {
    if (this.element.dataset.status !== status) {
      this.element.dataset.status = status
      this.text.textContent = this.element.dataset[`text${status[0].toUpperCase()}${status.slice(1)}`]
    }
    if (since) this.date(since)
  }

  date(since) {
    const time = document.createElement("time")
    time.dataset.relative = ""
    time.dateTime = since.toISOString()
    this.moment.replaceChildren(time)
    refreshTimes(this.moment)
  }
}
