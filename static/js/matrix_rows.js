// [data-matrix-box]: the following rows, fetched as the box is scrolled to them. Without this module [data-matrix-next]
// is a link to the next page.
const AHEAD = "1600px 0px"
const PAGE = 50
const number = new Intl.NumberFormat(document.documentElement.lang || "en")

export class MatrixRows {
  constructor(box) {
    this.box = box
    this.watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) this.fetch() }, { root: box, rootMargin: AHEAD })
    box.addEventListener("click", (event) => {
      if (!event.target.closest("[data-matrix-next]") || event.metaKey || event.ctrlKey) return
      event.preventDefault()
      this.fetch()
    })
    box.addEventListener("scroll", () => this.scrolled(), { passive: true })
    this.restart()
  }

  get next() { return this.box.querySelector("[data-matrix-next]") }

  /** Other rows stand there now. */
  restart() {
    this.asking = null
    this.watching = false
    this.watch.disconnect()
  }

  /** The page itself has more rows than are in sight: nothing is fetched for those who do not scroll. */
  scrolled() {
    if (this.watching || !this.next || !this.box.scrollTop) return
    this.watching = true
    this.watch.observe(this.next)
  }

  async fetch() {
    const { next } = this
    if (this.asking || !next) return
    const asking = (this.asking = {})
    try {
      const url = new URL(this.box.dataset.rowsUrl, location.href)
      url.search = this.box.dataset.query
      url.searchParams.set("offset", this.box.dataset.shown)
      url.searchParams.set("limit", PAGE)
      const answer = await fetch(url, { headers: { Accept: "application/json" } })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const part = await answer.json()
      if (asking === this.asking) this.show(part)
    } catch { /* the link is still there */ } finally {
      if (asking === this.asking) this.asking = null
    }
  }

  /** html: our own server's rows, escaped there. */
  show({ html, last, count }) {
    this.box.querySelector("tbody").insertAdjacentHTML("beforeend", html)
    this.box.dataset.shown = String(last)
    const text = this.box.querySelector("[data-matrix-shown]")
    const said = { first: number.format(Number(this.box.dataset.first)), last: number.format(last), count: number.format(count) }
    text.textContent = text.dataset.text.replace(/{(\w+)}/g, (_, name) => said[name])
    if (last >= count || !html) this.next.remove()
    // Where it is still in reach, its coming into reach is told anew.
    else {
      this.watch.unobserve(this.next)
      this.watch.observe(this.next)
    }
  }
}
