// a[data-copy-link]: puts its address on the clipboard, and says so. Without this module it is a link to that address.
import { isPlain } from "aigo/choices"

const SAID_MS = 2_000

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-copy-link]")
  if (!link || !isPlain(event) || !navigator.clipboard) return
  event.preventDefault()
  try { await navigator.clipboard.writeText(link.href) } catch { return location.assign(link.href) }
  const text = link.querySelector("[data-copy-text]")
  link.dataset.before ??= text.textContent
  text.textContent = link.dataset.textDone
  text.setAttribute("role", "status")
  link.setAttribute("data-done", "")
  setTimeout(() => {
    text.textContent = link.dataset.before
    link.removeAttribute("data-done")
  }, SAID_MS)
})
