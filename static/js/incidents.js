// The strip of open incidents: shows it as pushed, keeps focus and folding, says what is new.
import { Announcer } from "aigo/announcer"
import { morph, parse } from "aigo/morph"
import { flash } from "aigo/rows"
import { refreshTimes } from "aigo/times"

/** What the page shows of each line, for whoever else tells of them. */
export function shown(lines) {
  return lines.map((line) => {
    const text = (part) => line.querySelector(`.incident__${part}`).textContent.replace(/\s+/g, " ").trim()
    const { name, kind, provider } = line.dataset
    return { id: line.id, name, kind, provider, state: text("severity"), where: `${text("what")}. ${text("where")}` }
  })
}

/** Tells the page's other parts which incidents were open, and which are now. */
export function tellOpen(before, now) {
  document.dispatchEvent(new CustomEvent("aigo:incidents", { detail: { before, now } }))
}

export class IncidentStrip {
  constructor(place, announcer) {
    this.place = place
    this.announcer = new Announcer(announcer, { one: announcer.dataset.textOne, many: announcer.dataset.textMany })
  }

  lines() { return [...this.place.querySelectorAll(".incident")] }

  focused() {
    const { activeElement } = document
    return this.place.contains(activeElement) ? { element: activeElement, line: activeElement.closest(".incident")?.id } : null
  }

  /** A line that was folded away is another element with the same links. */
  focus({ element, line }) {
    const now = element.isConnected ? element : document.getElementById(line)?.querySelector(`[href="${element.getAttribute("href")}"]`)
    if (now !== document.activeElement) now?.focus({ preventScroll: true })
  }

  apply(html) {
    const before = shown(this.lines())
    const known = new Set(before.map(({ id }) => id))
    const focused = this.focused()
    const fresh = this.place.cloneNode(false)
    fresh.append(parse(html))
    morph(this.place, fresh)
    refreshTimes(this.place)
    if (focused) this.focus(focused)
    const added = this.lines().filter(({ id }) => !known.has(id))
    added.forEach(flash)
    tellOpen(before, shown(this.lines()))
    this.announcer.add(added.map((line) => ({
      name: line.dataset.name,
      state: line.querySelector(".incident__severity").textContent.trim(),
    })))
  }
}
