// A WebSocket that comes back: exponential back-off with jitter, and a watchdog for silence.
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** `address()` is asked before every try, so that it can carry the last event's id. */
export class LiveSocket {
  constructor({ address, silenceMs, onFrame, onDown, onSilence }) {
    Object.assign(this, { address, silenceMs, onFrame, onDown, onSilence, failures: 0, open: false })
  }

  connect() {
    clearTimeout(this.retry)
    if (this.socket) this.letGo()
    this.socket = new WebSocket(this.address())
    this.socket.onmessage = (event) => this.hear(JSON.parse(event.data))
    this.socket.onclose = () => this.lose()
    this.watch()
  }

  hear(frame) {
    this.open = frame.type !== "error"
    this.watch()
    if (!this.open) return
    this.failures = 0
    this.onFrame(frame)
  }

  watch() {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.giveUp(), this.silenceMs)
  }

  /** Silence: the connection counts as dead even where the browser still believes in it. */
  giveUp() {
    this.letGo()
    this.onSilence()
    this.lose()
  }

  /** The old socket may still be closing; its end must not be taken for the new one's. */
  letGo() {
    this.socket.onmessage = this.socket.onclose = null
    this.socket.close()
  }

  lose() {
    clearTimeout(this.watchdog)
    this.open = false
    this.failures += 1
    this.onDown(this.failures)
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1))
    this.retry = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2))
  }

  /** Tries again at once: the network is back, or the page is looked at again. */
  hurry() {
    const busy = this.socket.readyState === WebSocket.OPEN || this.socket.readyState === WebSocket.CONNECTING
    if (!busy) this.connect()
  }
}
