// Reloads the page when the operators ask for it: pages not all at once, and none that somebody is busy with.
const WITHIN_S = 10
const LOOK_AGAIN_MS = 1_000
let asked = false

/** Somebody types, marks a text or has something open. */
function isBusy() {
  const { activeElement } = document
  return activeElement.matches("input, textarea, select, [contenteditable]")
    || document.querySelector(":popover-open, dialog[open]") !== null
    || getSelection().type === "Range"
}

/** `within_s`: pages choose a moment within that time. */
export function reloadWhenIdle({ within_s: withinS = WITHIN_S }) {
  if (asked) return
  asked = true
  const tryIt = () => (isBusy() ? setTimeout(tryIt, LOOK_AGAIN_MS) : location.reload())
  setTimeout(tryIt, 1_000 * withinS * Math.random())
}
