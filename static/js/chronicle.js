// [data-chronicle]: the part of a page about incidents that goes on, as the server sees it, by polling.
import { Announcer } from "aigo/announcer"
import { shown, tellOpen } from "aigo/incidents"
import { Indicator } from "aigo/indicator"
import { morph, parse } from "aigo/morph"
import { Polling } from "aigo/polling"
import { flash } from "aigo/rows"
import { refreshTimes } from "aigo/times"

const POLL_MS = 10_000
const LINES = ".incident, .timeline__entry"

function start(root) {
  const part = root.querySelector("[data-chronicle-part]")
  const { textOne, textMany, url } = root.dataset
  const announcer = new Announcer(root.querySelector("[data-chronicle-announcer]"), { one: textOne, many: textMany })
  const indicator = new Indicator(root.querySelector("[data-live-indicator]"))
  let lastHeard = new Date()

  /** What tells a line from the others: an incident's id, an entry's moment and text. */
  const key = (line) => line.id || line.textContent
  const lines = () => [...part.querySelectorAll(LINES)]
  const told = (line) => ({
    name: line.dataset.name ?? line.querySelector(".timeline__when").textContent.trim(),
    state: line.querySelector(".incident__severity, .timeline__text").textContent.trim(),
  })

  const incidents = () => shown(lines().filter((line) => line.matches(".incident")))

  function apply({ html }) {
    const before = incidents()
    const known = new Set(lines().map(key))
    const fresh = part.cloneNode(false)
    fresh.append(parse(html))
    morph(part, fresh)
    refreshTimes(part)
    const added = lines().filter((line) => !known.has(key(line)))
    added.forEach(flash)
    tellOpen(before, incidents())
    announcer.add(added.map(told))
  }

  const polling = new Polling({
    address: () => new URL(url, location.href),
    everyMs: POLL_MS,
    onFrame: (frame) => {
      lastHeard = new Date()
      if (frame) apply(frame.data)
      indicator.show("polling", lastHeard)
    },
    onError: () => indicator.show("offline", lastHeard),
  })
  document.addEventListener("visibilitychange", () => { if (!document.hidden) polling.fetch() })
  polling.start()
}

const root = document.querySelector("[data-chronicle]")
if (root) start(root)
