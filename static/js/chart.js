// [data-history-chart]: the history of an endpoint. `refresh()` asks again, `setWindow()` shows another part.
export class HistoryChart {
  static of(root) {
    root.historyChart ??= new HistoryChart(root)
    return root.historyChart
  }

  constructor(root) {
    this.root = root
  }

  /** Asks for the same window again; what is shown stays until the answer is there. */
  async refresh() {}

  /** "15m" | "24h" | "7d" | "30d" | "90d"; region: a slug or "all". */
  async setWindow(window, region = this.root.dataset.region) {
    Object.assign(this.root.dataset, { window, region })
    await this.refresh()
  }
}
