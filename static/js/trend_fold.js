// [data-trend-fold]: the chart of the counts is fetched when somebody unfolds it, and anew for another region.
import { fetched, Panel } from "aigo/panel"

function start(fold) {
  const panel = new Panel(fold.querySelector("[data-panel]"))
  panel.goodAt = null // what stands there is the way for pages without scripts
  let shown = null
  const region = () => fold.closest("[data-live]")?.dataset.region ?? fold.dataset.region

  async function open() {
    const wanted = region()
    if (!fold.open || shown === wanted) return
    const address = `${fold.dataset.url}?${new URLSearchParams({ fragment: "", region: wanted })}`
    const show = async ([html, { TrendChart }]) => {
      panel.body.innerHTML = html
      new TrendChart(panel.body.querySelector("[data-trend-chart]"))
      shown = wanted
    }
    await panel.load(async (signal) => Promise.all([fetched(address)(signal), import("aigo/trend")]), show)
  }

  fold.addEventListener("toggle", open)
  open()
}

document.querySelectorAll("[data-trend-fold]").forEach(start)
