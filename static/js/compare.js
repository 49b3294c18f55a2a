// [data-compare]: another choice of models, filters, region or scale swaps the page's parts. Every link and form leads
// to the same as a page without this module. Where the answer does not come, the table stays and says so.
import "aigo/about"
import { addressOf, isPlain, narrow, offerNarrowing, swap } from "aigo/choices"
import { followStates } from "aigo/compare_live"
import { ModelLines } from "aigo/compare_lines"
import "aigo/compare_saved"
import { keepFolds, unfold } from "aigo/compare_sections"
import "aigo/copy_link"
import { startKeys } from "aigo/matrix_keys"
import { refreshTimes } from "aigo/times"

const TYPING_MS = 220

/** Hundreds of choices that are as they were: looking through them takes longer than all else. */
const isSame = (old, fresh) => "same" in old.dataset && old.dataset.same === fresh.dataset.same

class Compare {
  constructor(root) {
    this.root = root
    this.here = location.search
    this.lines = new ModelLines(root.querySelector("[data-compare-list]"))
    offerNarrowing(root)
    unfold(root)
    startKeys(this.table)
    this.live = followStates(root, () => this.refresh())
    document.addEventListener("click", (event) => this.click(event))
    root.addEventListener("change", ({ target }) => {
      if (target.form?.matches("[data-compare-form]") && target.type === "checkbox") this.go(addressOf(target.form))
    })
    root.addEventListener("input", ({ target }) => this.typed(target))
    root.addEventListener("submit", (event) => this.submitted(event))
    addEventListener("popstate", () => {
      if (location.pathname === root.dataset.home && location.search !== this.here) this.go(location.href, { push: false })
    })
  }

  get table() { return this.part("table") }
  part(name) { return this.root.querySelector(`[data-compare-part="${name}"]`) }

  click(event) {
    const link = event.target.closest("a[data-compare-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    link.closest(".menu[popover]")?.hidePopover()
    this.go(link.href, { from: link.id })
  }

  typed(target) {
    if (target.matches("[data-narrow]")) return narrow(target)
    if (!target.matches("[data-compare-search]")) return
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.go(addressOf(target.form), { push: false, replace: true }), TYPING_MS)
  }

  submitted(event) {
    if (!event.target.matches("[data-compare-form]")) return
    event.preventDefault()
    clearTimeout(this.typing)
    this.go(addressOf(event.target))
  }

  /** `replace`: what one types is one step back, not one for each letter. `from`: the link that was followed. */
  async go(url, { push = true, replace = false, from = "" } = {}) {
    this.table.setAttribute("aria-busy", "true")
    try {
      const page = await this.fetch(url)
      if (!page) return
      this.show(page, from)
      const address = new URL(url, location.href)
      if (push || replace) history[replace ? "replaceState" : "pushState"]({ compare: true }, "", address.pathname + address.search)
      this.here = location.search
      document.title = page.title
      this.live?.restart()
    } catch (error) {
      if (error.name !== "AbortError") this.fail(() => this.go(url, { push, replace, from }))
    } finally {
      if (!this.asking) this.table.removeAttribute("aria-busy")
    }
  }

  /** The page at an address; null where a newer question has come between. */
  async fetch(url) {
    this.asking?.abort()
    const mine = (this.asking = new AbortController())
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" }, cache: "no-store" })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const text = await answer.text()
      return mine === this.asking ? new DOMParser().parseFromString(text, "text/html") : null
    } finally {
      if (mine === this.asking) this.asking = null
    }
  }

  show(page, from) {
    const search = this.root.querySelector("[data-compare-search]")
    const list = this.part("list")
    const top = from ? list.scrollTop : 0
    for (const old of this.root.querySelectorAll("[data-compare-part]")) {
      const fresh = page.querySelector(`[data-compare-part="${old.dataset.comparePart}"]`)
      if (fresh && !isSame(old, fresh)) swap(old, fresh)
    }
    if (search !== document.activeElement) search.value = page.querySelector("[data-compare-search]").value
    list.scrollTop = top
    this.lines.restart()
    unfold(this.root)
    refreshTimes(this.root)
    if (from) document.getElementById(from)?.focus({ preventScroll: true })
  }

  /** The same comparison as it is now; nothing but the table moves, and nothing under a reader's hands. */
  async refresh() {
    if (document.hidden || this.asking || document.querySelector(":popover-open, dialog[open]")) return
    const page = await this.fetch(location.href).catch(() => null)
    const fresh = page?.querySelector('[data-compare-part="table"]')
    if (!fresh || document.querySelector(":popover-open")) return
    swap(this.table, fresh)
    unfold(this.root)
    refreshTimes(this.table)
    this.live?.redraw()
  }

  fail(again) {
    const notice = this.table.querySelector("[data-panel-notice]")
    notice.hidden = false
    notice.querySelector("[data-panel-again]").onclick = again
  }
}

const root = document.querySelector("[data-compare]")
if (root) new Compare(root)
else unfold(document)
keepFolds()
