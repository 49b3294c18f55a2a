// The strip of open incidents: shows it as pushed, keeps focus and folding, says what is new.
import { Announcer } from "aigo/announcer"
import { morph, parse } from "aigo/morph"
import { flash } from "aigo/rows"
import { refreshTimes } from "aigo/times"

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
    const known = new Set(this.lines().map(({ id }) => id))
    const focused = this.focused()
    const fresh = this.place.cloneNode(false)
    fresh.append(parse(html))
    morph(this.place, fresh)
    refreshTimes(this.place)
    if (focused) this.focus(focused)
    const added = this.lines().filter(({ id }) => !known.has(id))
    added.forEach(flash)
    this.announcer.add(added.map((line) => ({
      name: line.dataset.name,
      state: line.querySelector(".incident__severity").textContent.trim(),
    })))
  }
}
