// [data-section]: sections of the table that a reader has folded stay folded, in this browser.
const KEY = "aigo:compare:folded"

function folded() {
  try { return new Set(JSON.parse(localStorage.getItem(KEY)) ?? []) } catch { return new Set() }
}

/** As the reader left them. */
export function unfold(root) {
  const closed = folded()
  for (const section of root.querySelectorAll("[data-section]")) section.open = !closed.has(section.dataset.section)
}

export function keepFolds() {
  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("[data-section]")) return
    const closed = folded()
    if (target.open) closed.delete(target.dataset.section)
    else closed.add(target.dataset.section)
    try { localStorage.setItem(KEY, JSON.stringify([...closed])) } catch { /* storage is blocked: folded until the page goes */ }
  }, true)
}
