// [data-calculator]: every change of the form is reckoned at once and swaps the parts. Without this module, or where the
// answer does not come, the button does the same with a new page. A text is sent and never put into the address.
import { morph } from "aigo/morph"
import { refreshTimes } from "aigo/times"

const TYPING_MS = 350
const TEXT_MS = 900

class Calculator {
  constructor(root) {
    this.root = root
    document.addEventListener("change", ({ target }) => this.changed(target))
    root.addEventListener("input", ({ target }) => this.typed(target))
    root.addEventListener("submit", (event) => this.submitted(event))
  }

  get form() { return this.root.querySelector("[data-calculator-form]") }
  get results() { return this.root.querySelector("[data-calculator-part]") }

  changed(target) {
    if (target.form === this.form && target.matches("select, [type=checkbox]")) this.soon(0)
  }

  typed(target) {
    if (target.form !== this.form) return
    if (target.matches("textarea")) this.soon(TEXT_MS)
    else if (target.matches("[inputmode], [data-calculator-typed]")) this.soon(TYPING_MS)
  }

  submitted(event) {
    if (event.target !== this.form || event.submitter?.matches("[data-calculator-plain]")) return
    event.preventDefault()
    this.go(event.submitter)
  }

  soon(wait) {
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.go(), wait)
  }

  async go(submitter = null) {
    clearTimeout(this.waiting)
    this.asking?.abort()
    const mine = (this.asking = new AbortController())
    const body = new FormData(this.form, submitter)
    this.results.setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, signal: mine.signal, headers: { Accept: "text/html" } })
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      if (!mine.signal.aborted) this.show(page)
    } catch (error) {
      if (error.name !== "AbortError") this.form.submit()
    } finally {
      if (!mine.signal.aborted) this.results.removeAttribute("aria-busy")
    }
  }

  show(page) {
    const fresh = page.querySelector("[data-calculator]")
    if (!fresh) return this.form.submit()
    for (const id of ["calculator-headline", "calculator-form", "calculator-results", "tokenizers"]) {
      morph(document.getElementById(id), fresh.querySelector(`#${id}`))
    }
    for (const box of this.results.querySelectorAll("[name=models]")) box.checked = box.defaultChecked
    refreshTimes()
    history.replaceState(null, "", this.results.dataset.address)
  }
}

for (const root of document.querySelectorAll("[data-calculator]")) new Calculator(root)
