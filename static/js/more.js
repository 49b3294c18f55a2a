// [data-more]: the following rows, fetched as they are scrolled to. Without this module it is a link to them.
const AHEAD = "900px 0px"
const PAGE = 100
const CALM_MS = 1_200

export class More {
  constructor(root, view, ask) {
    Object.assign(this, { root, view, ask, asking: false, timer: 0 })
    this.watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) this.fetch() }, { rootMargin: AHEAD })
    this.watch.observe(this.nav)
    root.addEventListener("click", (event) => {
      if (!event.target.closest("[data-more-next]") || event.metaKey || event.ctrlKey) return
      event.preventDefault()
      this.fetch()
    })
  }

  get nav() { return this.root.querySelector("[data-more]") }
  get next() { return this.nav.querySelector("[data-more-next]") }

  async fetch() {
    if (this.asking || !this.next) return
    this.asking = true
    const { query, offset, limit } = this.root.dataset
    const from = Number(offset) + Number(limit)
    try {
      const data = await this.ask({ offset: String(from), limit: String(PAGE) })
      if (query === this.root.dataset.query) this.show(data, from)
    } catch { /* the link is still there */ } finally {
      this.asking = false
    }
  }

  show(data, from) {
    this.view.append(data)
    this.root.dataset.limit = String(from - Number(this.root.dataset.offset) + PAGE)
    const last = from + data.order.length
    const text = this.nav.querySelector("[data-more-shown]")
    const said = { first: Number(this.root.dataset.offset) + 1, last, count: data.measured }
    text.textContent = text.dataset.text.replace(/{(\w+)}/g, (_, name) => said[name].toLocaleString(document.documentElement.lang))
    if (last >= data.measured || !data.order.length) this.next.remove()
    // Where it is still in reach, its coming into reach is told anew.
    this.watch.unobserve(this.nav)
    this.watch.observe(this.nav)
    // What is pushed has to reach as far as what is shown, once the scrolling is over.
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.root.dispatchEvent(new CustomEvent("aigo:turn")), CALM_MS)
  }
}
