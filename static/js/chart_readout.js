// Reading single points of a chart by pointer, touch and arrow keys. The words are those of the chart's own table.
import { markMoment, unmark } from "aigo/chart_dots"
import { pointTime } from "aigo/chart_times"

export class Readout {
  constructor(figure) {
    const part = (name) => figure.querySelector(`[data-chart-${name}]`)
    this.figure = figure
    this.plots = part("plots")
    this.slider = part("slider")
    this.text = part("readout")
    this.cross = part("cross")
    this.hint = [...this.text.childNodes]
    this.at = null
    this.plots.addEventListener("pointermove", (event) => this.point(event))
    this.plots.addEventListener("pointerdown", (event) => this.point(event))
    this.plots.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.rest())
    this.slider.addEventListener("keydown", (event) => this.step(event))
    this.slider.addEventListener("focus", () => this.show(this.at ?? this.rows.length - 1))
    this.slider.addEventListener("blur", () => this.rest())
    this.prepare()
  }

  get rows() { return this.figure.querySelectorAll("[data-chart-rows] tr") }

  /** After the content is another: a slider over the points, for who does not point. It holds nothing, as a slider must. */
  prepare() {
    const { slider } = this
    Object.entries({ role: "slider", tabindex: "0", "aria-label": slider.dataset.label, "aria-valuemin": 1 })
      .forEach(([name, value]) => slider.setAttribute(name, value))
    slider.setAttribute("aria-valuemax", this.rows.length)
    this.at === null ? this.describe(this.rows.length - 1) : this.show(Math.min(this.at, this.rows.length - 1))
  }

  /** Left edge and width of what is drawn, within the plots. */
  get room() {
    const outer = this.plots.getBoundingClientRect()
    const inner = this.plots.querySelector("[data-chart-plot]").getBoundingClientRect()
    return { left: inner.left - outer.left, width: inner.width, outer }
  }

  point(event) {
    const { left, width, outer } = this.room
    const share = (event.clientX - outer.left - left) / width
    if (share >= 0 && share <= 1) this.show(Math.min(Math.floor(share * this.rows.length), this.rows.length - 1))
  }

  step(event) {
    const last = this.rows.length - 1
    const at = this.at ?? last
    const page = Math.max(1, Math.round(last / 10))
    const wanted = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - page, PageUp: at + page, Home: 0, End: last }[event.key]
    if (event.key === "Escape") this.rest()
    if (wanted === undefined) return
    event.preventDefault()
    this.show(Math.max(0, Math.min(last, wanted)))
  }

  show(at) {
    if (!this.rows[at]) return
    this.at = at
    const { left, width } = this.room
    this.cross.hidden = false
    const place = left + ((at + 0.5) / this.rows.length) * width
    this.cross.style.left = `${place}px`
    markMoment(this.figure, this.plots, at, place)
    this.text.replaceChildren(...this.describe(at))
  }

  rest() {
    this.at = null
    this.cross.hidden = true
    unmark(this.plots)
    this.text.replaceChildren(...this.hint)
  }

  /** The point's row as "label value unit" each; says the same to assistive technology. */
  describe(at) {
    const row = this.rows[at]
    if (!row) return []
    const heads = [...row.closest("table").tHead.rows[0].cells].slice(1)
    const moment = Object.assign(document.createElement("b"), { textContent: pointTime(row.querySelector("time"), this.figure) })
    const parts = [...row.cells].slice(1).map((cell, n) => {
      const value = cell.textContent.trim()
      const unit = heads[n].querySelector("small")
      const name = n === heads.length - 1 ? "" : (heads[n].firstChild?.textContent ?? "").trim()
      if (!value || value === "—") return null
      const part = document.createElement("span")
      part.append(name && `${name} `, Object.assign(document.createElement("b"), { textContent: value }), unit ? ` ${unit.textContent}` : "")
      return part
    })
    const found = [moment, ...parts.filter(Boolean)]
    this.slider.setAttribute("aria-valuenow", at + 1)
    this.slider.setAttribute("aria-valuetext", found.map((part) => part.textContent).join(", "))
    return found.flatMap((part) => [part, " "])
  }
}
