// [data-value-chart]: another choice swaps chart and table and leaves the page; arrow keys lead from point to point,
// from the cheapest on. Every link and form leads to the same as a page without this module.
import { addressOf, isPlain, narrow, offerNarrowing, swap } from "aigo/choices"

const TYPING_MS = 260
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }

class ValueChart {
  constructor(root) {
    this.root = root
    this.here = location.search
    offerNarrowing(root)
    this.quieten()
    root.addEventListener("click", (event) => this.click(event))
    root.addEventListener("change", ({ target }) => this.changed(target))
    root.addEventListener("input", ({ target }) => this.typed(target))
    root.addEventListener("submit", (event) => this.submitted(event))
    root.addEventListener("keydown", (event) => this.key(event))
    addEventListener("popstate", () => location.search !== this.here && this.go(location.href, { push: false }))
  }

  part(name, of = this.root) { return of.querySelector(`[data-value-part=${name}]`) }
  get notice() { return this.root.querySelector("[data-panel-notice]") }
  get points() { return [...this.root.querySelectorAll(".value__point")].sort((a, b) => a.dataset.x - b.dataset.x) }

  /** One tab stop for the chart: arrow keys lead to every other point. */
  quieten() {
    const first = this.root.querySelector(".value__point:not([data-quiet])") ?? this.points[0]
    for (const point of this.points) point.setAttribute("tabindex", point === first ? "0" : "-1")
  }

  key(event) {
    const point = event.target.closest?.(".value__point")
    if (!point || !(event.key in KEYS || event.key === "Home" || event.key === "End")) return
    event.preventDefault()
    const all = this.points
    const next = event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : all[all.indexOf(point) + KEYS[event.key]]
    if (!next) return
    point.setAttribute("tabindex", "-1")
    next.setAttribute("tabindex", "0")
    next.focus()
  }

  click(event) {
    const point = event.target.closest(".value__point")
    if (point) return this.touched(event, point)
    const link = event.target.closest("a[data-value-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    link.closest("[popover]")?.hidePopover()
    this.go(link.href, { turned: link.matches("[rel]") })
  }

  /** The first tap of a finger reads a point, the second follows it. */
  touched(event, point) {
    if (event.pointerType !== "touch" || point.hasAttribute("data-shown")) return
    event.preventDefault()
    for (const other of this.points) other.toggleAttribute("data-shown", other === point)
  }

  changed(target) {
    if (target.form?.matches("[data-value-form]") && target.type === "checkbox") this.go(addressOf(target.form))
  }

  typed(target) {
    if (target.matches("[data-narrow]")) return narrow(target)
    if (!target.matches("[data-value-search]")) return
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.go(addressOf(target.form), { replace: true }), TYPING_MS)
  }

  submitted(event) {
    if (!event.target.matches("[data-value-form]")) return
    event.preventDefault()
    clearTimeout(this.typing)
    this.go(addressOf(event.target))
  }

  /** `replace`: what one types is one step back, not one for each letter. */
  async go(url, { push = true, replace = false, turned = false } = {}) {
    this.asking?.abort()
    const mine = (this.asking = new AbortController())
    const body = this.part("body")
    body.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } }).catch(() => null)
      if (mine.signal.aborted) return
      if (!answer || answer.status >= 500) return this.fail(() => this.go(url, { push, replace, turned }))
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"))
      if (push || replace) history[replace ? "replaceState" : "pushState"]({}, "", new URL(url, location.href))
      this.here = location.search
      if (turned) this.root.querySelector("#value-list").scrollIntoView({ block: "start" })
    } catch {
      if (!mine.signal.aborted) location.assign(url)
    } finally {
      if (this.asking === mine) body.removeAttribute("aria-busy")
    }
  }

  show(page) {
    const search = this.root.querySelector("[data-value-search]")
    const typed = search === document.activeElement ? search.value : null
    swap(this.part("tools"), this.part("tools", page))
    if (typed !== null) this.root.querySelector("[data-value-search]").value = typed
    for (const name of ["head", "body"]) this.part(name).replaceChildren(...this.part(name, page).childNodes)
    this.quieten()
    this.notice.hidden = true
  }

  fail(again) {
    this.notice.hidden = false
    this.notice.querySelector("[data-panel-again]").onclick = again
  }
}

const root = document.querySelector("[data-value-chart]")
if (root) new ValueChart(root)
