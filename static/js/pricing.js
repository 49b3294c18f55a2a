// [data-pricing]: another choice of filters or order swaps the list and leaves the page. Every link and form leads to
// the same as a page without this module. Where the answer does not come, the list stays and says so.
import { addressOf, isPlain, narrow, offerNarrowing, swap } from "aigo/choices"

const TYPING_MS = 260

class Pricing {
  constructor(root) {
    this.root = root
    this.here = location.search
    offerNarrowing(root)
    root.addEventListener("click", (event) => this.click(event))
    root.addEventListener("change", ({ target }) => this.changed(target))
    root.addEventListener("input", ({ target }) => this.typed(target))
    root.addEventListener("submit", (event) => this.submitted(event))
    addEventListener("popstate", () => location.search !== this.here && this.go(location.href, { push: false }))
  }

  get list() { return this.root.querySelector("[data-pricing-part=list]") }
  get notice() { return this.root.querySelector("[data-panel-notice]") }

  click(event) {
    const link = event.target.closest("a[data-pricing-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    link.closest("[popover]")?.hidePopover()
    this.go(link.href, { from: link.id, turned: link.matches("[rel]") })
  }

  changed(target) {
    if (target.form?.matches("[data-pricing-form]") && target.type === "checkbox") this.go(addressOf(target.form))
  }

  typed(target) {
    if (target.matches("[data-narrow]")) return narrow(target)
    if (!target.matches("[data-pricing-search]")) return
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.go(addressOf(target.form), { replace: true }), TYPING_MS)
  }

  submitted(event) {
    if (!event.target.matches("[data-pricing-form]")) return
    event.preventDefault()
    clearTimeout(this.typing)
    this.go(addressOf(event.target))
  }

  /** `replace`: what one types is one step back, not one for each letter. `turned`: to another page of the list. */
  async go(url, { push = true, replace = false, from = "", turned = false } = {}) {
    this.asking?.abort()
    const mine = (this.asking = new AbortController())
    this.list.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } }).catch(() => null)
      if (mine.signal.aborted) return
      if (!answer || answer.status >= 500) return this.fail(() => this.go(url, { push, replace, from, turned }))
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"), from)
      if (push || replace) history[replace ? "replaceState" : "pushState"]({}, "", new URL(url, location.href))
      this.here = location.search
      if (turned) this.root.querySelector("[data-pricing-part=filters]").scrollIntoView({ block: "start" })
    } catch {
      if (!mine.signal.aborted) location.assign(url)
    } finally {
      if (this.asking === mine) this.list.removeAttribute("aria-busy")
    }
  }

  show(page, from) {
    const search = this.root.querySelector("[data-pricing-search]")
    const typed = search === document.activeElement ? search.value : null
    const parts = (of, name) => of.querySelector(`[data-pricing-part=${name}]`)
    swap(parts(this.root, "filters"), parts(page, "filters"))
    if (typed !== null) this.root.querySelector("[data-pricing-search]").value = typed
    this.list.replaceChildren(...parts(page, "list").childNodes)
    this.notice.hidden = true
    if (from) document.getElementById(from)?.focus({ preventScroll: true })
  }

  fail(again) {
    this.notice.hidden = false
    this.notice.querySelector("[data-panel-again]").onclick = again
  }
}

const root = document.querySelector("[data-pricing]")
if (root) new Pricing(root)
