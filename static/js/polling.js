// A rendered page's data over plain GET, again and again. Unchanged answers cost a 304; hidden pages ask nothing.
import { hearTime } from "aigo/clock"

const OVERDUE_MS = 10_000

export class Polling {
  constructor({ address, everyMs, onFrame, onError }) {
    Object.assign(this, { address, everyMs, onFrame, onError, etag: null, timer: 0, asking: null })
  }

  get running() { return this.timer !== 0 }

  start() {
    if (this.running) return
    this.wait()
    this.fetch()
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = 0
    this.asking?.abort()
    this.asking = null
  }

  /** Another address than before: what was known of the former is no answer to it. */
  renew() {
    this.etag = null
    this.fetch()
  }

  /** Pages that were opened by the same cause do not stay in step. */
  wait() {
    this.timer = setTimeout(() => {
      this.wait()
      this.fetch()
    }, this.everyMs * (0.85 + 0.3 * Math.random()))
  }

  /** Asks now; a question still under way is given up, its answer would be older. */
  async fetch() {
    if (document.hidden) return
    this.asking?.abort()
    const asking = (this.asking = new AbortController())
    const overdue = setTimeout(() => asking.abort(), OVERDUE_MS)
    try {
      const frame = await this.ask(asking.signal)
      if (asking === this.asking) this.onFrame(frame)
    } catch (error) {
      if (asking === this.asking) this.onError(error)
    } finally {
      clearTimeout(overdue)
    }
  }

  async ask(signal) {
    const headers = { Accept: "application/json", ...(this.etag && { "If-None-Match": this.etag }) }
    const answer = await fetch(this.address(), { headers, signal, cache: "no-store" })
    hearTime(answer.headers.get("Date"))
    if (answer.status === 304) return null
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    const frame = await answer.json()
    this.etag = answer.headers.get("ETag")
    return frame
  }
}
