// [data-panel]: a part of a page with content of its own, in [data-panel-body]. A skeleton stands there the first
// time; when an answer does not come, the last good content stays with its age, and "Try again".
import { morph, parse } from "aigo/morph"
import { refreshTimes } from "aigo/times"

const OVERDUE_MS = 10_000

export class Panel {
  constructor(root) {
    this.root = root
    this.body = root.querySelector("[data-panel-body]")
    this.notice = root.querySelector("[data-panel-notice]")
    this.skeleton = root.querySelector("template[data-panel-skeleton]")
    /** When the shown content was true, by this machine's clock; null = there is none yet. */
    this.goodAt = this.body.querySelector("[data-skeleton]") || !this.body.childElementCount ? null : new Date()
    this.asking = null
    this.again = null
    this.notice?.querySelector("[data-panel-again]")?.addEventListener("click", () => this.again?.())
  }

  /**
   * `get(signal)`: the content, HTML by default. `show(content)`: puts it in place. A newer load gives up an older
   * one. Returns true once it is shown, false when it failed or was given up; it never throws.
   */
  async load(get, show = (html) => this.fill(html)) {
    this.asking?.abort()
    const asking = (this.asking = new AbortController())
    this.again = () => this.load(get, show)
    const overdue = setTimeout(() => asking.abort(), OVERDUE_MS)
    this.wait()
    try {
      const content = await get(asking.signal)
      if (asking !== this.asking) return false
      show(content)
      this.succeed()
      return true
    } catch (error) {
      if (asking !== this.asking) return false
      this.fail(error)
      return false
    } finally {
      clearTimeout(overdue)
      if (asking === this.asking) this.body.removeAttribute("aria-busy")
    }
  }

  wait() {
    this.body.setAttribute("aria-busy", "true")
    if (this.goodAt || !this.skeleton) return
    this.body.replaceChildren(this.skeleton.content.cloneNode(true))
  }

  /** Focus, open popovers and what did not change stay as they are. */
  fill(html) {
    const fresh = this.body.cloneNode(false)
    fresh.append(parse(html))
    morph(this.body, fresh)
    refreshTimes(this.body)
  }

  succeed() {
    this.goodAt = new Date()
    this.root.removeAttribute("data-failed")
    if (!this.notice) return
    const left = this.notice.contains(document.activeElement)
    this.notice.hidden = true
    if (left) this.receive()
  }

  /** "Try again" goes with the notice: whoever pressed it reads on where the content begins. */
  receive() {
    if (!this.body.hasAttribute("tabindex")) this.body.tabIndex = -1
    this.body.focus({ preventScroll: true })
  }

  fail() {
    this.root.dataset.failed = this.goodAt ? "kept" : "empty"
    if (!this.goodAt) this.body.replaceChildren()
    if (!this.notice) return
    const age = this.notice.querySelector("[data-panel-age]")
    if (age) age.hidden = !this.goodAt
    const time = age?.querySelector("time")
    if (time && this.goodAt) time.dateTime = this.goodAt.toISOString()
    this.notice.hidden = false
    refreshTimes(this.notice)
  }
}

/** GET as text, for `load`; any answer but a good one throws. */
export const fetched = (address) => async (signal) => {
  const answer = await fetch(address, { signal, cache: "no-store", headers: { "X-Requested-With": "fetch" } })
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return answer.text()
}
