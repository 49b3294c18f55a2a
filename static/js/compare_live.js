// The states in the head of a comparison follow the probes; what else has changed is fetched with the whole table,
// not more often than a reader can follow.
import { byServer, hearTime } from "aigo/clock"
import { Feed } from "aigo/feed"
import { Indicator } from "aigo/indicator"
import { morph, parse } from "aigo/morph"
import { Polling } from "aigo/polling"
import { openSocket } from "aigo/streams"

const POLL_MS = 15_000
const HEARTBEAT_S = 15
const CALM_MS = 20_000

class States {
  constructor(root, refresh) {
    Object.assign(this, { root, refresh, timer: 0, feed: null, slugs: "" })
    addEventListener("online", () => this.feed?.renew())
    document.addEventListener("visibilitychange", () => (document.hidden ? this.feed?.hide() : this.feed?.look()))
    addEventListener("pagehide", () => this.feed?.rest())
    addEventListener("pageshow", ({ persisted }) => { if (persisted) this.feed?.start() })
    this.restart()
  }

  get indicator() { return this.root.querySelector("[data-compare-live] [data-live-indicator]") }

  /** Other models stand there now, or another region's figures. */
  restart() {
    const slugs = [...this.root.querySelectorAll("[data-versus] [data-slug]")].map((head) => head.dataset.slug).join(",")
    const region = this.root.querySelector("[data-compare-live]")?.dataset.region ?? ""
    if (`${slugs} ${region}` === this.slugs) return this.redraw()
    this.slugs = `${slugs} ${region}`
    this.feed?.rest()
    this.feed = null
    clearTimeout(this.timer)
    this.timer = 0
    if (this.indicator && slugs) this.listen(slugs, region)
  }

  listen(models, region) {
    const address = (base) => {
      const url = new URL(base, location.href)
      url.search = new URLSearchParams({ models, region, format: "html", lang: document.documentElement.lang })
      return url
    }
    const feed = (this.feed = new Feed({
      rungs: [{ name: "websocket", open: (handlers) => openSocket(address("/ws/status"), handlers) }],
      polling: new Polling({
        address: () => address("/status/rows"),
        everyMs: POLL_MS,
        onFrame: (frame) => feed.polled(frame),
        onError: () => feed.pollMissed(),
      }),
      heartbeatS: HEARTBEAT_S,
      onFrame: (frame) => this.take(frame),
      onStatus: (...status) => { this.status = status; this.redraw() },
    }))
    feed.start()
  }

  /** The indicator is part of what is swapped: it says again what it said. */
  redraw() {
    if (!this.status || !this.indicator) return
    const [status, heardAt, carrier] = this.status
    new Indicator(this.indicator).show(status, new Date(byServer(heardAt)), carrier)
  }

  take({ type, data = {} }) {
    if (type === "hello") {
      if (data.heartbeat_s) this.feed.heartbeat(data.heartbeat_s)
      hearTime(data.at)
    }
    for (const { slug, html } of data.rows ?? []) this.show(slug, parse(html).firstElementChild)
    if (type === "update" || type === "incident") this.gather()
  }

  show(slug, row) {
    for (const head of this.root.querySelectorAll(`[data-versus] [data-slug="${CSS.escape(slug)}"]`)) {
      head.dataset.state = row.dataset.state
      morph(head.querySelector(".state"), row.querySelector(".state"))
    }
  }

  gather() {
    this.timer ||= setTimeout(() => {
      this.timer = 0
      this.refresh()
    }, CALM_MS)
  }
}

/** `refresh()`: fetches the table anew. */
export const followStates = (root, refresh) => new States(root, refresh)
