// [data-search]: while somebody types, what is found stands under the box (a combobox with a listbox, ARIA APG).
// Without this module the box is a plain form.
const PATIENCE_MS = 110

export class SearchBox {
  constructor(root) {
    this.root = root
    this.input = root.querySelector("[data-search-input]")
    this.panel = root.querySelector("[data-search-panel]")
    this.status = root.querySelector("[data-search-status]")
    this.timer = 0
    this.asked = new AbortController()
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.panel.id }
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value)
    this.input.addEventListener("input", () => this.type())
    this.input.addEventListener("keydown", (event) => this.press(event))
    this.input.addEventListener("focus", () => this.meet())
    root.addEventListener("focusout", ({ relatedTarget }) => { if (!root.contains(relatedTarget)) this.close() })
    this.panel.addEventListener("pointerdown", (event) => event.preventDefault()) // the box keeps the focus
    this.panel.addEventListener("click", ({ target }) => { if (target.closest("[role=option]")) this.close() })
  }

  get options() { return [...this.panel.querySelectorAll("[role=option]")] }
  get active() { return this.panel.querySelector("[aria-selected=true]") }
  get isOpen() { return !this.panel.hidden }

  /** The first search of a process builds what it looks in; that is under way before anybody has typed. */
  meet() {
    if (!this.met) fetch(`${this.root.dataset.searchUrl}?q=`).catch(() => {})
    this.met = true
    if (this.panel.childElementCount && this.input.value.trim()) this.open()
  }

  type() {
    clearTimeout(this.timer)
    this.asked.abort()
    if (this.input.value.trim()) this.timer = setTimeout(() => this.ask(), PATIENCE_MS)
    else this.forget()
  }

  async ask() {
    this.asked = new AbortController()
    const url = `${this.root.dataset.searchUrl}?q=${encodeURIComponent(this.input.value.trim())}`
    try {
      const answer = await fetch(url, { signal: this.asked.signal, headers: { Accept: "text/html" } })
      if (!answer.ok) throw new Error(`${answer.status}`)
      this.show(await answer.text())
    } catch (error) {
      if (error.name === "AbortError") return
      this.forget()
      this.status.textContent = this.root.dataset.textFailed
    }
  }

  /** html: our own server's, escaped there. */
  show(html) {
    this.panel.innerHTML = html
    this.activate(null)
    this.status.textContent = this.panel.querySelector("[data-search-count]")?.textContent ?? ""
    if (this.root.contains(document.activeElement)) this.open()
  }

  open() { this.expand(true) }

  close() {
    clearTimeout(this.timer)
    this.asked.abort()
    this.activate(null)
    this.expand(false)
  }

  expand(wanted) {
    this.panel.hidden = !wanted
    this.input.setAttribute("aria-expanded", String(wanted))
  }

  forget() {
    this.close()
    this.panel.replaceChildren()
    this.status.textContent = ""
  }

  activate(option) {
    this.active?.setAttribute("aria-selected", "false")
    option?.setAttribute("aria-selected", "true")
    option?.scrollIntoView({ block: "nearest" })
    if (option) this.input.setAttribute("aria-activedescendant", option.id)
    else this.input.removeAttribute("aria-activedescendant")
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const { options, active, isOpen } = this
    const at = options.indexOf(active)
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return
      this.open()
      const step = event.key === "ArrowDown" ? 1 : -1
      const next = at < 0 && step < 0 ? options.length - 1 : at + step
      this.activate(options[next] ?? null) // past either end the box itself, then around
    } else if (event.key === "Enter" && isOpen && active) active.click()
    else if (event.key === "Escape" && isOpen) this.close()
    else if (event.key === "Escape" && this.input.value) {
      this.input.value = ""
      this.forget()
    } else return
    event.preventDefault()
  }
}

document.querySelectorAll("[data-search]").forEach((root) => new SearchBox(root))
