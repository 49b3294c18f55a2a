// [data-compare-list]: the following models, fetched as the list is scrolled to its end. Without this module
// [data-compare-next] is a link to the next page.
const AHEAD = "500px 0px"

export class ModelLines {
  constructor(box) {
    this.box = box
    this.watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) this.fetch() }, { root: box, rootMargin: AHEAD })
    box.addEventListener("click", (event) => {
      if (!event.target.closest("[data-compare-next]") || event.metaKey || event.ctrlKey) return
      event.preventDefault()
      this.fetch()
    })
    this.restart()
  }

  get next() { return this.box.querySelector("[data-compare-next]") }

  /** Other models stand there now. */
  restart() {
    this.asking = null
    this.watch.disconnect()
    if (this.next) this.watch.observe(this.next)
  }

  async fetch() {
    const { next } = this
    if (this.asking || !next) return
    const asking = (this.asking = {})
    try {
      const answer = await fetch(next.href, { headers: { Accept: "text/html" } })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      if (asking === this.asking) this.show(page, next)
    } catch { /* the link is still there */ } finally {
      if (asking === this.asking) this.asking = null
    }
  }

  show(page, next) {
    const fresh = page.querySelectorAll("[data-compare-lines] > li")
    this.box.querySelector("[data-compare-lines]").append(...fresh)
    const further = page.querySelector("[data-compare-next]")
    if (!further || !fresh.length) next.parentElement.remove()
    else next.href = further.href
    // Where it is still in reach, its coming into reach is told anew.
    if (this.next) {
      this.watch.unobserve(next)
      this.watch.observe(next)
    }
  }
}
