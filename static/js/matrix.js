// [data-matrix]: another choice of suites, filters, scale or order swaps its parts and leaves the page. Every link and
// form leads to the same as a page without this module. Where the answer does not come, the table stays and says so.
import "aigo/about"
import { addressOf, isPlain, narrow, offerNarrowing, swap } from "aigo/choices"
import { startKeys } from "aigo/matrix_keys"
import { MatrixRows } from "aigo/matrix_rows"
import { refreshTimes } from "aigo/times"

const TYPING_MS = 260

/** The same page without what no choice changes. */
function partOf(url) {
  const address = new URL(url, location.href)
  address.searchParams.set("part", "1")
  return address
}

class Matrix {
  constructor(root) {
    this.root = root
    this.home = location.pathname
    this.here = location.search
    this.rows = new MatrixRows(this.box)
    startKeys(this.box)
    this.reveal()
    offerNarrowing(root)
    document.addEventListener("click", (event) => this.click(event))
    root.addEventListener("change", ({ target }) => this.changed(target))
    root.addEventListener("input", ({ target }) => this.typed(target))
    root.addEventListener("submit", (event) => this.submitted(event))
    addEventListener("popstate", () => this.popped())
  }

  get box() { return this.root.querySelector("[data-matrix-box]") }
  get notice() { return this.root.querySelector("[data-panel-notice]") }

  click(event) {
    const link = event.target.closest("a[data-matrix-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    link.closest("[popover]")?.hidePopover()
    this.go(link.href, { from: link.id })
  }

  changed(target) {
    if (target.form?.matches("[data-matrix-form]") && target.type === "checkbox") this.go(addressOf(target.form))
  }

  typed(target) {
    if (target.matches("[data-narrow]")) return narrow(target)
    if (!target.matches("[data-matrix-search]")) return
    clearTimeout(this.typing)
    this.typing = setTimeout(() => this.go(addressOf(target.form), { push: false, replace: true }), TYPING_MS)
  }

  submitted(event) {
    if (!event.target.matches("[data-matrix-form]")) return
    event.preventDefault()
    clearTimeout(this.typing)
    this.go(addressOf(event.target))
  }

  popped() {
    if (location.pathname === this.home && location.search !== this.here) this.go(location.href, { push: false })
  }

  /** `replace`: what one types is one step back, not one for each letter. `from`: the link that was followed. */
  async go(url, { push = true, replace = false, from = "" } = {}) {
    this.asking?.abort()
    const mine = (this.asking = new AbortController())
    this.box.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(partOf(url), { signal: mine.signal, headers: { Accept: "text/html" } }).catch(() => null)
      if (mine.signal.aborted) return
      if (!answer || answer.status >= 500) return this.fail(() => this.go(url, { push, replace, from }))
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"), from)
      const address = new URL(url, location.href)
      if (push || replace) history[replace ? "replaceState" : "pushState"]({ matrix: true }, "", address.pathname + address.search)
      this.here = location.search
    } catch {
      if (!mine.signal.aborted) location.assign(url)
    } finally {
      if (this.asking === mine) this.box.removeAttribute("aria-busy")
    }
  }

  show(page, from) {
    const search = this.root.querySelector("[data-matrix-search]")
    const typed = search === document.activeElement ? search.value : null
    for (const old of this.root.querySelectorAll("[data-matrix-part]")) {
      const fresh = page.querySelector(`[data-matrix-part="${old.dataset.matrixPart}"]`)
      if (fresh) swap(old, fresh)
    }
    if (typed !== null) search.value = typed
    this.showTable(page.querySelector("[data-matrix-box]"))
    refreshTimes(this.root)
    if (from) document.getElementById(from)?.focus({ preventScroll: true })
  }

  /** Put in whole: comparing thousands of cells with thousands of others takes longer than drawing them. */
  showTable(fresh) {
    const { box } = this
    const same = box.dataset.columns === fresh.dataset.columns
    const left = same ? box.scrollLeft : 0
    box.replaceChildren(...fresh.childNodes)
    Object.assign(box.dataset, fresh.dataset)
    box.scrollTo(left, 0)
    if (!same) this.reveal()
    this.notice.hidden = true
    this.rows.restart()
  }

  /** The column that the rows are sorted by is in sight. */
  reveal() {
    const { box } = this
    const [head, first] = [box.querySelector("thead th[aria-sort]"), box.querySelector("thead th")]
    if (head && head !== first && head.offsetLeft + head.offsetWidth > box.scrollLeft + box.clientWidth) {
      box.scrollLeft = head.offsetLeft - first.offsetWidth - head.offsetWidth
    }
  }

  fail(again) {
    this.notice.hidden = false
    this.notice.querySelector("[data-panel-again]").onclick = again
  }
}

const root = document.querySelector("[data-matrix]")
if (root?.querySelector("[data-matrix-box]")) new Matrix(root)
