// [data-state-of]: a model's live state, as the server sees it, in the place of the link that stands there without
// scripts. Asked for at the pace of polling; unchanged answers cost a 304, hidden pages ask nothing.
import { hearTime } from "aigo/clock"
import { morph, parse } from "aigo/morph"
import { flash } from "aigo/rows"
import { refreshTimes } from "aigo/times"

const EVERY_MS = 15_000
const OVERDUE_MS = 10_000

/** What does not answer leaves what stands there: its own moment says how old it is. Whether to ask again. */
async function fill(place) {
  const answer = await fetch(`/status/state/${encodeURIComponent(place.dataset.stateOf)}`, { cache: "no-cache", signal: AbortSignal.timeout(OVERDUE_MS) })
  hearTime(answer.headers.get("Date"))
  if (!answer.ok && answer.status !== 404) return true
  const fresh = place.cloneNode(false)
  fresh.append(parse(await answer.text()))
  fresh.dataset.filled = ""
  refreshTimes(fresh)
  morph(place, fresh).forEach(flash)
  return answer.ok
}

async function follow(place) {
  let goesOn = true
  if (!document.hidden) goesOn = await fill(place).catch(() => true)
  if (goesOn && place.isConnected) setTimeout(() => follow(place), EVERY_MS * (0.85 + 0.3 * Math.random()))
}

document.querySelectorAll("[data-state-of]").forEach(follow)
