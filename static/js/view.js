// The board on the page: takes the data of a frame and shows it.
import { Announcer } from "aigo/announcer"
import { IncidentStrip } from "aigo/incidents"
import { Indicator } from "aigo/indicator"
import { morph, parse } from "aigo/morph"
import { applyRows, keepOnly, reorder } from "aigo/rows"

export class BoardView {
  constructor(root) {
    const part = (name) => root.querySelector(`[data-live-${name}]`)
    this.body = part("rows")
    this.table = part("table")
    this.empty = part("empty")
    this.cards = part("cards")
    this.filtered = "filtered" in root.dataset
    this.order = null
    this.strip = new IncidentStrip(part("incidents"), part("incidents-announcer"))
    this.indicator = new Indicator(part("indicator"))
    this.announcer = new Announcer(part("announcer"), { one: root.dataset.textChanged, many: root.dataset.textManyChanged })
    this.body.addEventListener("toggle", (event) => { if (event.newState === "closed") this.settle() }, true)
  }

  /** data: {rows?, order?, cards?, strip?} as frames carry them; `order` names every row there is. */
  apply({ rows, order, cards, strip }) {
    if (rows) this.announcer.add(applyRows(this.body, rows, { additions: !this.filtered }))
    if (order) {
      this.order = order
      if (!this.filtered) keepOnly(this.body, order)
    }
    if (rows || order) this.settle()
    if (cards) this.applyCards(cards)
    if (strip !== undefined) this.strip.apply(strip)
  }

  /** Rows do not move under the eyes of someone who reads a row's provenance; they do when it closes. */
  settle() {
    this.table.hidden = !this.body.children.length
    this.empty.hidden = !this.table.hidden
    if (!this.body.querySelector(":popover-open")) reorder(this.body, this.order)
  }

  applyCards(html) {
    const fresh = this.cards.cloneNode(false)
    fresh.append(parse(html))
    morph(this.cards, fresh)
  }
}
