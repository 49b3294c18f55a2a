// [data-model]: one model's figures as the server sees them. Pushes on its own feed, or polling, fetch the same
// page again; [data-part]s that changed are put in place, the chart refreshes itself.
import { byServer, hearTime } from "aigo/clock"
import { Feed } from "aigo/feed"
import { Indicator } from "aigo/indicator"
import { morph, parse } from "aigo/morph"
import { Polling } from "aigo/polling"
import { flash } from "aigo/rows"
import { openSocket } from "aigo/streams"
import { refreshTimes } from "aigo/times"

const POLL_MS = 15_000
const GATHER_MS = 1_500
const HEARTBEAT_S = 15
/** A window of hours or days does not change with every attempt. */
const HISTORY_MS = 60_000

/** The same address as a part of a page, in JSON. */
export function partOf(address) {
  const url = new URL(address, location.href)
  url.searchParams.set("fragment", "1")
  return url
}

export class ModelView {
  /** `article`: the [data-model] element; `address`: where it is from. */
  constructor(article, address) {
    Object.assign(this, { article, address, timer: 0, charts: [] })
    this.startCharts()
    this.revealTabs()
    const indicator = article.querySelector("[data-live-indicator]")
    if (indicator) this.listen(new Indicator(indicator))
  }

  /** Tabs that have no room are scrolled to the one that is shown. */
  revealTabs() {
    for (const current of this.article.querySelectorAll("nav [aria-current]")) {
      const nav = current.closest("nav")
      nav.scrollLeft = Math.max(0, current.offsetLeft + current.offsetWidth - nav.clientWidth)
    }
  }

  async startCharts() {
    const places = [...this.article.querySelectorAll("[data-history-chart]")]
    if (!places.length) return
    const { HistoryChart } = await import("aigo/chart")
    if (!this.gone) this.charts = places.map((place) => HistoryChart.of(place))
  }

  listen(indicator) {
    const { endpoint, region, tab } = this.article.dataset
    this.gatherMs = tab === "history" ? HISTORY_MS : GATHER_MS
    const query = new URLSearchParams({ models: endpoint, region, lang: document.documentElement.lang })
    const socket = new URL(`/ws/status?${query}`, location.href)
    this.feed = new Feed({
      rungs: [{ name: "websocket", open: (handlers) => openSocket(socket, handlers) }],
      polling: new Polling({
        address: () => partOf(this.address),
        everyMs: POLL_MS,
        onFrame: (frame) => this.feed.polled(frame),
        onError: () => this.feed.pollMissed(),
      }),
      heartbeatS: HEARTBEAT_S,
      onFrame: (frame) => this.take(frame),
      onStatus: (status, heardAt, carrier) => indicator.show(status, new Date(byServer(heardAt)), carrier),
    })
    this.renew = () => this.feed.renew()
    this.look = () => (document.hidden ? this.feed.hide() : this.feed.look())
    addEventListener("online", this.renew)
    document.addEventListener("visibilitychange", this.look)
    this.feed.start()
  }

  take({ type, data = {} }) {
    if (type === "hello") {
      if (data.heartbeat_s) this.feed.heartbeat(data.heartbeat_s)
      hearTime(data.at)
    } else if (type === "model") this.show(data.html)
    else if (type === "update" || type === "incident") this.gather()
  }

  /** Results of six regions arrive one by one: they are fetched together. */
  gather() {
    this.timer ||= setTimeout(() => {
      this.timer = 0
      this.feed.polling.fetch()
    }, this.gatherMs)
  }

  show(html) {
    const fresh = parse(html)
    for (const part of this.article.querySelectorAll("[data-part]")) {
      const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`)
      if (now) morph(part, now).forEach(flash)
    }
    refreshTimes(this.article)
    this.charts.forEach((chart) => chart.refresh())
  }

  rest() {
    clearTimeout(this.timer)
    this.gone = true
    this.charts.forEach((chart) => chart.leave())
    this.feed?.rest()
    removeEventListener("online", this.renew)
    document.removeEventListener("visibilitychange", this.look)
  }
}
