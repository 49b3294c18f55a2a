// Before the first paint: the saved theme, that scripts run, and how long ago things were (aigo/times goes on
// from there): what a reader sees first must not move when the modules come. A classic, blocking script on purpose.
{
  const root = document.documentElement
  root.className = "js"
  let theme = null
  try { theme = localStorage.getItem("theme") } catch { /* storage is blocked: the default stands */ }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme
  if (theme === "light") document.querySelector("meta[name=theme-color]")?.setAttribute("content", "#f7f8f6")

  const relative = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto", style: "short" })
  const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]]
  const write = (node) => {
    const seconds = Math.round((Date.parse(node.dateTime) - Date.now()) / 1000)
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1)
    const text = relative.format(Math.trunc(seconds / size) || -0, unit)
    if (!Number.isNaN(seconds) && node.textContent && node.textContent !== text) node.textContent = text
  }
  const parsed = new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      node.parentElement?.closest("time[data-relative]") && write(node.parentElement)
      node.querySelectorAll?.("time[data-relative]").forEach(write)
    }
  })
  parsed.observe(root, { childList: true, subtree: true })
  addEventListener("DOMContentLoaded", () => parsed.disconnect())
}
