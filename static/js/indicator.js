// [data-live-indicator]: connecting, live, polling, stale since …, offline since …
import { refreshTimes } from "aigo/times"

export class Indicator {
  constructor(element) {
    this.element = element
    this.text = element.querySelector("[data-live-text]")
    this.moment = element.querySelector("[data-live-moment]")
  }

  /** `carrier`: how news arrive at present; "" where there is one way only. */
  show(status, since = null, carrier = "") {
    if (this.element.dataset.status !== status) {
      this.element.dataset.status = status
      this.text.textContent = this.element.dataset[`text${status[0].toUpperCase()}${status.slice(1)}`]
    }
    if (carrier) this.element.dataset.carrier = carrier
    if (since) this.date(since)
  }

  date(since) {
    const time = this.moment.querySelector("time") ?? this.moment.appendChild(document.createElement("time"))
    time.dataset.relative = ""
    time.dateTime = since.toISOString()
    refreshTimes(this.moment)
  }
}
