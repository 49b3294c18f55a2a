// The board's rows: puts pushed row HTML in place, keeps their order, tells what changed.
import { morph, parse } from "aigo/morph"
import { refreshTimes } from "aigo/times"

const calm = matchMedia("(prefers-reduced-motion: reduce)")

export function flash(element) {
  if (calm.matches || document.hidden) return
  const colour = getComputedStyle(element).getPropertyValue("--flash")
  element.animate([{ backgroundColor: colour }, { backgroundColor: "transparent" }], { duration: 1200, easing: "ease-out" })
}

/** One row. Returns {name, state} when a known row's state changed, else null. */
function applyRow(body, { slug, html }, { additions }) {
  const fresh = parse(html).firstElementChild
  const old = document.getElementById(`row-${slug}`)
  if (!old) {
    if (additions) body.append(fresh)
    refreshTimes(fresh)
    return null
  }
  const before = old.dataset.state
  morph(old, fresh).forEach(flash)
  refreshTimes(old)
  if (before === old.dataset.state) return null
  return { name: old.dataset.name, state: old.querySelector(".state__word").textContent }
}

export function applyRows(body, rows, options) {
  return rows.map((row) => applyRow(body, row, options)).filter(Boolean)
}

/** Removes the rows that are not on the board any more. */
export function keepOnly(body, slugs) {
  const kept = new Set(slugs)
  for (const row of [...body.children]) if (!kept.has(row.dataset.slug)) row.remove()
}

/** Moves as few rows as it can; a moved row keeps the focus. `order`: slugs, or null = by data-rank. */
export function reorder(body, order) {
  const place = order && new Map(order.map((slug, i) => [slug, i + 1]))
  const rank = (row) => place?.get(row.dataset.slug) ?? Number(row.dataset.rank)
  const wanted = [...body.children].sort((a, b) => rank(a) - rank(b))
  const focused = body.contains(document.activeElement) ? document.activeElement : null
  wanted.forEach((row, i) => { if (body.children[i] !== row) body.insertBefore(row, body.children[i]) })
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true })
  wanted.forEach(number)
}

function number(row, i) {
  const label = row.querySelector("[data-rank-label]")
  if (label.textContent !== String(i + 1)) label.textContent = i + 1
}
