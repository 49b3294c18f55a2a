// Before the first paint: the saved theme, that scripts run, and how long ago things were (aigo/times goes on
// from there): what a reader sees first must not move when the modules come. A classic, blocking script on purpose.
{
  const root = document.documentElement
  root.className = "js"
  let theme = null
  try { theme = localStorage.getItem("theme") } catch { /* storage is blocked: the default stands */ }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme
  if (theme === "light") document.querySelector("meta[name=theme-color]")?.setAttribute("content", "#f7f8f6")

  const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]]
  const times = document.getElementsByTagName("time")
  let relative = null
  let next = 0
  const write = (node) => {
    const seconds = Math.round((Date.parse(node.dateTime) - Date.now()) / 1000)
    if (!("relative" in node.dataset) || !node.textContent || Number.isNaN(seconds)) return
    relative ??= new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto", style: "short" })
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1)
    const text = relative.format(Math.trunc(seconds / size) || -0, unit)
    if (node.textContent !== text) node.textContent = text
  }
  // Before each frame, what has been parsed since the last; the newest may still be without its words.
  const parsed = () => {
    const parsing = document.readyState === "loading"
    while (next < times.length && (!parsing || next < times.length - 1 || times[next].textContent)) write(times[next++])
    if (parsing) requestAnimationFrame(parsed)
  }
  requestAnimationFrame(parsed)
}
