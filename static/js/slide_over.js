// The slide-over: a model's page, or a score's, over the page that links to it, under its own address. Back, Escape
// and the close button lead back to where the reader was: address, scroll and focus.
import { ModelView, partOf } from "aigo/model_view"
import { Panel } from "aigo/panel"
import { refreshTimes } from "aigo/times"

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey

/** Resolves when there is a style sheet of that address, before the page's own, or none is to be had. */
const linked = (href) => new Promise((resolve) => {
  if (document.querySelector(`link[rel=stylesheet][href="${CSS.escape(href)}"]`)) return resolve()
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: resolve })
  document.querySelector("link[rel=stylesheet]").after(link)
})

class SlideOver {
  constructor(dialog) {
    this.dialog = dialog
    /** What those pages are styled by, and this one perhaps not. */
    this.styled = Promise.all(dialog.dataset.sheets.split(" ").map(linked))
    this.panel = new Panel(dialog)
    this.whole = dialog.querySelector("[data-slide-over-whole]")
    this.view = null
    this.pushed = false
    dialog.querySelector("[data-slide-over-close]").addEventListener("click", () => dialog.close())
    dialog.addEventListener("click", (event) => this.clicked(event))
    dialog.addEventListener("close", () => this.closed())
    addEventListener("popstate", (event) => this.popped(event.state?.slideOver))
  }

  /** A link on the page below was followed. */
  open(link) {
    this.opener = link.getAttribute("href")
    this.title = document.title
    this.pushed = true
    history.pushState({ slideOver: link.href }, "", link.href)
    this.reveal(link.href, link.textContent.trim())
  }

  reveal(address, name = "") {
    if (name) this.dialog.setAttribute("aria-label", name)
    if (!this.dialog.open) {
      this.forget()
      this.dialog.showModal()
    }
    this.load(address)
  }

  /** `named`: the address becomes the window's once its content is there, not before. */
  load(address, named = false) {
    this.whole.href = address
    return this.panel.load(
      async (signal) => {
        const answer = await fetch(partOf(address), { signal, cache: "no-store", headers: { Accept: "application/json" } })
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
        await this.styled
        return (await answer.json()).data
      },
      ({ html, title }) => {
        if (!this.dialog.open) return
        if (named) history.replaceState({ slideOver: address }, "", address)
        this.show(html, title, address)
      },
    )
  }

  show(html, title, address) {
    this.view?.rest()
    const focused = this.dialog.contains(document.activeElement) ? document.activeElement : null
    const { body } = this.panel
    const fresh = document.createElement("template")
    fresh.innerHTML = html.trim()
    body.replaceChildren(fresh.content)
    refreshTimes(body)
    this.dialog.setAttribute("aria-label", title)
    document.title = `${title} · AI-GO`
    if (focused) this.refocus(focused)
    const model = body.querySelector("[data-model]")
    this.view = model && new ModelView(model, address)
  }

  /** The link that was followed is there anew: two can lead to one address, so that its words tell them apart. */
  refocus(link) {
    const named = (other) => other.textContent.trim() === link.textContent.trim()
    const links = [...this.panel.body.querySelectorAll(`a[href="${CSS.escape(link.getAttribute("href") ?? "")}"]`)]
    const found = links.find(named) ?? links[0]
    if (!link.isConnected) found?.focus({ preventScroll: true })
  }

  clicked(event) {
    if (event.target === this.dialog) return this.dialog.close()
    const link = event.target.closest("[data-model-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    this.load(link.href, true)
  }

  /** By the close button, Escape or the backdrop: the address goes back, too. */
  closed() {
    this.view?.rest()
    this.view = null
    document.title = this.title ?? document.title
    if (this.pushed) {
      this.pushed = false
      history.back()
    }
    const opener = this.opener && document.querySelector(`a[data-slide-over][href="${CSS.escape(this.opener)}"]`)
    if (opener && !opener.contains(document.activeElement)) opener.focus({ preventScroll: true })
  }

  /** The browser's own Back and Forward. */
  popped(address) {
    if (address) {
      this.pushed = true
      return this.reveal(address)
    }
    this.pushed = false
    if (this.dialog.open) this.dialog.close()
  }

  forget() {
    this.panel.goodAt = null
    this.panel.succeed()
    this.panel.goodAt = null
    this.panel.body.replaceChildren()
  }
}

const dialog = document.querySelector("[data-slide-over-dialog]")
const slideOver = dialog && new SlideOver(dialog)

/** Opens what the link leads to. */
export const open = (link) => slideOver.open(link)

/** Opens an address of the reader's own history. */
export const reveal = (address) => slideOver.popped(address)
