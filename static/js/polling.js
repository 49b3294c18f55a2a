// The same rows over plain GET, for as long as no WebSocket can be had. Unchanged answers cost a 304.
export class Polling {
  constructor({ address, everyMs, onFrame, onError }) {
    Object.assign(this, { address, everyMs, onFrame, onError, etag: null, timer: 0 })
  }

  get running() { return this.timer !== 0 }

  start() {
    if (this.running) return
    this.timer = setInterval(() => this.fetch(), this.everyMs)
    this.fetch()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = 0
  }

  async fetch() {
    if (document.hidden) return
    const headers = { Accept: "application/json", ...(this.etag && { "If-None-Match": this.etag }) }
    try {
      const answer = await fetch(this.address(), { headers, cache: "no-store" })
      if (answer.status === 304) return this.onFrame(null)
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      this.etag = answer.headers.get("ETag")
      this.onFrame(await answer.json())
    } catch (error) {
      this.onError(error)
    }
  }
}
