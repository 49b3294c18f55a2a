// How long to wait for the next try: longer after each one in vain, and every page for itself, because thousands
// of them lose a server in one moment.
const STEADY_MS = 30_000
/** [at first, at most]: while there is no news, polled news, pushed news. */
const WAITS_MS = { none: [3_000, 30_000], polling: [20_000, 300_000], stream: [60_000, 600_000] }

export class Pace {
  misses = 0

  missed() { this.misses += 1 }

  /** A connection ended. One that is taken and dropped at once, again and again, is as good as none. */
  broke(livedMs) { this.misses = livedMs > STEADY_MS ? 0 : this.misses + 1 }

  renewed() { this.misses = 0 }

  waitMs(standing) {
    const [first, longest] = WAITS_MS[standing]
    return Math.min(longest, first * 2 ** this.misses) * (0.1 + 0.9 * Math.random())
  }
}
