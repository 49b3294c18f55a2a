// The server's clock, as far as it has told: the moments on a page are its moments, not this machine's.
const TOLERATED_MS = 2_000
let aheadMs = 0

/** What the server's clock said just now; a missing or unreadable moment changes nothing. */
export function hearTime(moment) {
  const differenceMs = Date.now() - Date.parse(moment)
  if (!Number.isNaN(differenceMs)) aheadMs = Math.abs(differenceMs) > TOLERATED_MS ? differenceMs : 0
}

/** A moment of this machine's clock, in ms, by the server's. */
export const byServer = (ms) => ms - aheadMs
