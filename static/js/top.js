// [data-top]: the cards above the list. Their figures are pushed like those of rows; their lines and their order are
// asked for each minute, and when the order may have changed (`refreshTop`).
import { fetched, Panel } from "aigo/panel"

const EVERY_MS = 60_000
const root = document.querySelector("[data-top]")
const panel = root && new Panel(root)
let timer = 0

const query = () => root.closest("[data-live]")?.dataset.query ?? location.search.slice(1)

/** The cards of what the page looks at; its address may be that of a model that is open over it. */
export function refreshTop() {
  if (!panel) return
  clearTimeout(timer)
  timer = setTimeout(refreshTop, EVERY_MS * (0.9 + 0.2 * Math.random()))
  if (!document.hidden) panel.load(fetched(`${root.dataset.topUrl}?${query()}`))
}

/** The arc follows the figure in it. */
function gauge(card) {
  const value = card.querySelector(".gauge__value")
  const written = card.querySelector("[data-figure=availability] [data-value]")
  const from = Number(card.querySelector("[data-gauge]")?.dataset.gaugeFrom)
  const share = written ? (parseFloat(written.textContent) - from) / (100 - from) : 0
  const dashes = `${Math.round(1000 * Math.min(1, Math.max(0, share))) / 10} 200`
  if (value && value.getAttribute("stroke-dasharray") !== dashes) {
    value.setAttribute("stroke-dasharray", dashes)
    value.toggleAttribute("data-empty", share <= 0)
  }
}

if (root) {
  const cards = (records) => new Set(records.map(({ target }) => (target.closest ? target : target.parentElement)?.closest("[data-slug]")))
  new MutationObserver((records) => cards(records).forEach((card) => card && gauge(card)))
    .observe(root, { subtree: true, childList: true, characterData: true })
  timer = setTimeout(refreshTop, EVERY_MS)
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - (panel.goodAt ?? 0) > EVERY_MS) refreshTop()
  })
}
