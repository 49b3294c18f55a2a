// Reloads the page when the operators ask for it: pages not all at once, and none that somebody is busy with.
const SPREAD_MS = 10_000
const LOOK_AGAIN_MS = 1_000
let asked = false

/** Somebody types, marks a text or has something open. */
function isBusy() {
  const { activeElement } = document
  return activeElement.matches("input, textarea, select, [contenteditable]")
    || document.querySelector(":popover-open, dialog[open]") !== null
    || getSelection().type === "Range"
}

export function reloadWhenIdle() {
  if (asked) return
  asked = true
  const tryIt = () => (isBusy() ? setTimeout(tryIt, LOOK_AGAIN_MS) : location.reload())
  setTimeout(tryIt, SPREAD_MS * Math.random())
}
