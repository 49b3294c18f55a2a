// [data-history-chart]: the history of an endpoint, drawn by the server first and by ECharts once it is in view.
// `refresh()` asks again, `setWindow()` shows another part; both keep what is shown until the answer is there.
import { loadEngine, whenSeen } from "aigo/chart_engine"
import { option } from "aigo/chart_option"
import { Readout } from "aigo/chart_readout"
import { localise } from "aigo/chart_times"
import { calm, onThemeChange, palette } from "aigo/palette"
import { fetched, Panel } from "aigo/panel"

const WIDE_PX = 900

export class HistoryChart {
  static of(root) {
    root.historyChart ??= new HistoryChart(root)
    return root.historyChart
  }

  constructor(root) {
    this.root = root
    this.panel = new Panel(root)
    this.canvas = null
    root.addEventListener("change", (event) => event.target.matches("[data-series]") && this.draw())
    root.addEventListener("click", (event) => this.follow(event))
    if (this.figure) this.adopt()
    this.ends = [whenSeen(root, () => this.awake()), onThemeChange(() => this.draw())]
  }

  get figure() { return this.root.querySelector("[data-chart]") }

  /** Asks for the same window again; a sample has no address to ask. */
  async refresh() {
    const { url, window, region } = this.root.dataset
    if (!url) return false
    const address = new URL(url, location.href)
    address.searchParams.set("window", window)
    address.searchParams.set("region", region)
    if (this.root.clientWidth >= WIDE_PX) address.searchParams.set("wide", "1")
    return this.panel.load(fetched(address), (html) => this.fill(html))
  }

  /** "15m" | "24h" | "7d" | "30d" | "90d"; region: a slug or "all". */
  async setWindow(window, region = this.root.dataset.region) {
    Object.assign(this.root.dataset, { window, region })
    this.root.querySelectorAll("[data-chart-window]").forEach((link) => {
      link.dataset.chartWindow === window ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")
    })
    return this.refresh()
  }

  /** Ends what outlives the element: for whoever takes it off the page. */
  leave() {
    this.ends.forEach((end) => end())
    this.canvas?.dispose()
    this.canvas = null
  }

  follow(event) {
    const link = event.target.closest("[data-chart-window]")
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.setWindow(link.dataset.chartWindow)
  }

  /** What ECharts put into the page is not the server's and stays. */
  fill(html) {
    const drawn = this.root.querySelector("[data-chart-canvas]")
    const kept = drawn ? [...drawn.childNodes] : []
    drawn?.replaceChildren()
    this.panel.fill(html)
    this.root.querySelector("[data-chart-canvas]")?.replaceChildren(...kept)
    this.adopt()
    this.draw()
  }

  adopt() {
    if (this.readout?.figure === this.figure) this.readout.prepare()
    else this.readout = new Readout(this.figure)
    localise(this.figure)
  }

  async awake() {
    if (this.root.clientWidth >= WIDE_PX) await this.refresh()
    if (!this.figure) return
    try {
      this.echarts = await loadEngine(new URL(this.root.dataset.engine, location.href).href)
    } catch { return /* the server's drawing stays */ }
    const sizes = new ResizeObserver(() => this.draw({ still: true }))
    sizes.observe(this.root)
    this.ends.push(() => sizes.disconnect())
    this.draw({ still: true })
  }

  draw({ still = false } = {}) {
    if (!this.echarts || !this.root.isConnected || !this.figure) return
    const host = this.root.querySelector("[data-chart-canvas]")
    if (!host.clientWidth) return
    if (this.canvas?.getDom() !== host) {
      this.canvas?.dispose()
      this.canvas = this.echarts.init(host, null, { renderer: "canvas" })
    }
    this.canvas.resize()
    const shown = (series) => this.root.querySelector(`[data-series="${series}"]`)?.checked ?? true
    this.canvas.setOption(option(JSON.parse(this.figure.dataset.chart), this.room(host), palette(), shown, !still && !calm()), { notMerge: still })
    this.root.dataset.drawn = ""
  }

  room(host) {
    const outer = host.getBoundingClientRect()
    const boxes = [...this.root.querySelectorAll("[data-chart-plot]")].map((plot) => plot.getBoundingClientRect())
    const lanes = boxes.map(({ top, height }) => ({ top: top - outer.top, height }))
    return { lanes, left: boxes[0].left - outer.left, width: boxes[0].width }
  }
}

/** Finds charts that came with new content; those that are known stay as they are. */
export function startCharts(root = document) {
  return [...root.querySelectorAll("[data-history-chart]")].map((element) => HistoryChart.of(element))
}

startCharts()
