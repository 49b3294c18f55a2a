// The machines' cards: puts fresh HTML in place, keeps their order and the focus, tells what changed.
import { morph, parse } from "aigo/morph"
import { flash } from "aigo/rows"

function applyMachine(list, { slug, html }) {
  const fresh = parse(html).firstElementChild
  const old = document.getElementById(`machine-${slug}`)
  if (!old) {
    list.append(fresh)
    return null
  }
  const before = old.dataset.condition
  morph(old, fresh).forEach(flash)
  if (before === old.dataset.condition) return null
  return { name: old.dataset.name, state: old.querySelector(".state__word").textContent }
}

/** machines: [{slug, html}] in their order. Returns [{name, state}] of those whose condition changed. */
export function applyMachines(list, machines) {
  const changes = machines.map((machine) => applyMachine(list, machine)).filter(Boolean)
  const kept = new Set(machines.map(({ slug }) => slug))
  for (const machine of [...list.children]) if (!kept.has(machine.dataset.machine)) machine.remove()
  machines.forEach(({ slug }, i) => {
    const machine = document.getElementById(`machine-${slug}`)
    if (list.children[i] !== machine) list.insertBefore(machine, list.children[i])
  })
  return changes
}
