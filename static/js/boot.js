// Before the first paint: the saved theme, and that scripts run. A classic, blocking script on purpose.
{
  const root = document.documentElement
  root.className = "js"
  let theme = null
  try { theme = localStorage.getItem("theme") } catch { /* storage is blocked: the default stands */ }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme
  if (theme === "light") document.querySelector("meta[name=theme-color]")?.setAttribute("content", "#f7f8f6")
}
