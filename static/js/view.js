// The board on the page: takes the data of a frame and shows it.
import { Announcer } from "aigo/announcer"
import { showCounts } from "aigo/facets"
import { IncidentStrip } from "aigo/incidents"
import { Indicator } from "aigo/indicator"
import { morph, parse } from "aigo/morph"
import { applyFigures, applyRows, keepOnly, reorder, rowOf } from "aigo/rows"
import { refreshTop } from "aigo/top"

const GATHER_MS = 250
const MOST_MODELS = 20
/** From so many rows on, those out of sight are not laid out. */
const MANY = 120

export class BoardView {
  /** ask(more): a frame's data, for what a push did not bring. */
  constructor(root, ask) {
    const part = (name) => root.querySelector(`[data-live-${name}]`)
    Object.assign(this, { root, ask, body: part("rows"), table: part("table"), empty: part("empty"), cards: part("cards") })
    this.strip = new IncidentStrip(part("incidents"), part("incidents-announcer"))
    this.indicator = new Indicator(part("indicator"))
    this.announcer = new Announcer(part("announcer"), { one: root.dataset.textChanged, many: root.dataset.textManyChanged })
    this.restart()
    document.addEventListener("toggle", (event) => { if (event.newState === "closed") this.settle() }, true)
  }

  /** The page shows something else now. */
  restart() {
    this.order = [...this.body.children].map((row) => row.dataset.slug)
    this.ranks = new Map()
    this.top = new Set(this.root.dataset.crowned?.split(" ").filter(Boolean))
    clearTimeout(this.asking)
  }

  /** data: {rows?, order?, ranks?, top?, count?, facets?, cards?, strip?}; `order` names every row there is. */
  apply({ rows = [], order, cards, strip, ...beside }) {
    if (order) this.take(order, beside)
    const listed = rows.filter(({ slug }) => !this.top.has(slug))
    this.announcer.add([...this.applyCards(rows), ...applyRows(this.body, listed)])
    if (rows.length) document.dispatchEvent(new CustomEvent("aigo:rows", { detail: { slugs: rows.map(({ slug }) => slug) } }))
    if (order || rows.length) {
      keepOnly(this.body, this.order)
      this.settle()
      this.complete()
    }
    showCounts(this.root, beside)
    if (cards) this.applySummary(cards)
    if (strip !== undefined) this.strip.apply(strip)
  }

  /** The next rows, below those that are shown. */
  append({ rows, order, ranks = [] }) {
    const fresh = order.filter((slug) => !this.top.has(slug) && !this.order.includes(slug))
    this.order = this.order.concat(fresh)
    order.forEach((slug, i) => this.ranks.set(slug, ranks[i]))
    const wanted = new Set(fresh)
    applyRows(this.body, rows.filter(({ slug }) => wanted.has(slug)))
    this.table.toggleAttribute("data-many", this.order.length > MANY)
  }

  take(order, { ranks = [], top }) {
    order.forEach((slug, i) => this.ranks.set(slug, ranks[i]))
    if (top && top.join(" ") !== [...this.top].join(" ")) this.crown(top)
    this.order = order.filter((slug) => !this.top.has(slug))
  }

  /** Others stand above the list now: their cards are fetched. */
  crown(top) {
    this.top = new Set(top)
    this.root.dataset.crowned = top.join(" ")
    this.root.querySelector("[data-board-top]").hidden = !top.length
    refreshTop()
  }

  /** Every other place that shows one of these endpoints. */
  applyCards(rows) {
    const cards = [...this.root.querySelectorAll("[data-top] [data-slug]")]
    return cards.flatMap((card) => rows.filter(({ slug }) => slug === card.dataset.slug).map((row) => applyFigures(card, row))).filter(Boolean)
  }

  /** A row may have come in because another left: nothing was pushed of it. */
  complete() {
    clearTimeout(this.asking)
    if (this.order.some((slug) => !rowOf(slug))) this.asking = setTimeout(() => this.fetchMissing(), GATHER_MS)
  }

  async fetchMissing() {
    const { query } = this.root.dataset
    const missing = this.order.filter((slug) => !rowOf(slug))
    if (!missing.length) return
    const few = missing.length <= MOST_MODELS
    try {
      const data = await this.ask(few ? { models: missing.join(","), offset: "", limit: "" } : {})
      if (query !== this.root.dataset.query) return
      if (few) applyRows(this.body, data.rows.filter(({ slug }) => this.order.includes(slug)))
      else this.apply(data)
      this.settle()
    } catch { /* the next push, or the next poll, asks again */ }
  }

  /** Rows do not move under the eyes of someone who reads where a figure is from; they do when it closes. */
  settle() {
    this.table.hidden = !this.body.children.length
    this.empty.hidden = !this.table.hidden || this.top.size > 0
    if (!document.querySelector("[data-about-panel]:popover-open")) reorder(this.body, this.order, this.ranks)
  }

  applySummary(html) {
    const fresh = this.cards.cloneNode(false)
    fresh.append(parse(html))
    morph(this.cards, fresh)
  }
}
