// [data-trend-chart]: the counts over time, read by pointer and keys; another window by its links, the present by
// `refresh()`.
import { Readout } from "aigo/chart_readout"
import { localise } from "aigo/chart_times"
import { parse } from "aigo/morph"
import { fetched, Panel } from "aigo/panel"

const EVERY_MS = 60_000

export class TrendChart {
  constructor(root) {
    this.root = root
    this.panel = new Panel(root)
    root.addEventListener("click", (event) => this.follow(event))
    this.adopt()
    setInterval(() => { if (!document.hidden && root.isConnected) this.refresh() }, EVERY_MS)
  }

  async refresh() {
    const { url, window, region } = this.root.dataset
    if (!url) return false
    const address = `${url}?${new URLSearchParams({ fragment: "", window, region })}`
    return this.panel.load(fetched(address), (html) => {
      this.panel.fill(parse(html).querySelector("[data-panel-body]").innerHTML)
      this.adopt()
    })
  }

  async setWindow(window, region = this.root.dataset.region) {
    Object.assign(this.root.dataset, { window, region })
    this.root.querySelectorAll("[data-chart-window]").forEach((link) => {
      link.dataset.chartWindow === window ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")
    })
    return this.refresh()
  }

  follow(event) {
    const link = event.target.closest("[data-chart-window]")
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.setWindow(link.dataset.chartWindow)
  }

  adopt() {
    const figure = this.root.querySelector("[data-chart]")
    if (this.readout?.figure === figure) this.readout.prepare()
    else this.readout = new Readout(figure)
    localise(figure)
  }
}

document.querySelectorAll("[data-trend-chart]").forEach((root) => new TrendChart(root))
