// The board's rows: puts pushed row HTML in place, keeps their order, tells what changed.
import { morph, parse } from "aigo/morph"
import { refreshTimes } from "aigo/times"

const calm = matchMedia("(prefers-reduced-motion: reduce)")

export function flash(element) {
  if (calm.matches || document.hidden) return
  const colour = getComputedStyle(element).getPropertyValue("--flash")
  element.animate([{ backgroundColor: colour }, { backgroundColor: "transparent" }], { duration: 1200, easing: "ease-out" })
}

export const rowOf = (slug) => document.getElementById(`row-${slug}`)

/** So many changes at once are not a change to look at, and lighting them all up would cost more than they do. */
const MOST_LIT = 40

/** One row, new or known. Returns {name, state} when a known one's state changed, else null. */
function applyRow(body, { slug, html }, lit) {
  const fresh = parse(html).firstElementChild
  const old = rowOf(slug)
  refreshTimes(fresh)
  if (!old) {
    body.append(fresh)
    return null
  }
  const before = old.dataset.state
  const changed = morph(old, fresh)
  if (lit) changed.forEach(flash)
  if (before === old.dataset.state) return null
  return { name: old.dataset.name, state: old.querySelector(".state__word").textContent }
}

export function applyRows(body, rows) {
  return rows.map((row) => applyRow(body, row, rows.length <= MOST_LIT)).filter(Boolean)
}

/** The same endpoint elsewhere, as a card: its figures, its state and its lines of news are those of the row. */
export function applyFigures(card, { html, news = "" }) {
  const fresh = parse(html).firstElementChild
  const before = card.dataset.state
  for (const figure of card.querySelectorAll("[data-figure]")) {
    const now = fresh.querySelector(`[data-figure="${figure.dataset.figure}"]`)
    if (now) morph(figure, now).forEach(flash)
  }
  const lines = card.querySelector("[data-card-news]")
  if (lines) {
    const told = lines.cloneNode(false)
    told.append(parse(news))
    told.hidden = !news
    morph(lines, told)
  }
  const state = card.querySelector(".state")
  if (state) morph(state, fresh.querySelector(".state"))
  card.dataset.state = fresh.dataset.state
  if (before === fresh.dataset.state) return null
  return { name: fresh.dataset.name, state: fresh.querySelector(".state__word").textContent }
}

/** Removes the rows that are not on the board any more. */
export function keepOnly(body, slugs) {
  const kept = new Set(slugs)
  for (const row of [...body.children]) if (!kept.has(row.dataset.slug)) row.remove()
}

/** Moves as few rows as it can; a moved row keeps the focus. `ranks`: slug → rank, null = unknown. */
export function reorder(body, order, ranks) {
  const place = new Map(order.map((slug, i) => [slug, i]))
  const at = (row) => place.get(row.dataset.slug) ?? Infinity
  const focused = body.contains(document.activeElement) ? document.activeElement : null
  let next = body.firstElementChild
  for (const row of [...body.children].sort((a, b) => at(a) - at(b))) {
    if (row === next) next = next.nextElementSibling
    else body.insertBefore(row, next)
    number(row, ranks.get(row.dataset.slug))
  }
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true })
}

function number(row, rank) {
  if (rank === undefined) return
  const label = row.querySelector("[data-rank-label]")
  const text = rank === null ? "—" : String(rank)
  if (label.textContent !== text) label.textContent = text
}
