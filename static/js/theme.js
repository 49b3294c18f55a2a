// [data-theme-toggle]: switches dark and light and remembers the choice.
const root = document.documentElement
const current = () => root.dataset.theme ?? "dark"

function describe(button) {
  const next = current() === "dark" ? "light" : "dark"
  button.setAttribute("aria-label", next === "dark" ? button.dataset.labelDark : button.dataset.labelLight)
}

function show(theme) {
  root.dataset.theme = theme
  const bar = document.querySelector("meta[name=theme-color]")
  if (bar) bar.content = getComputedStyle(root).getPropertyValue("--ground")
  document.querySelectorAll("[data-theme-toggle]").forEach(describe)
}

// The button answers in the next frame; restyling the whole page takes longer, and begins after it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-toggle]")
  if (!button || button.dataset.switching !== undefined) return
  button.dataset.switching = ""
  requestAnimationFrame(() => setTimeout(() => {
    delete button.dataset.switching
    show(current() === "dark" ? "light" : "dark")
    try { localStorage.setItem("theme", current()) } catch { /* lasts for this page only */ }
  }))
})

addEventListener("storage", (event) => {
  if (event.key === "theme" && event.newValue) show(event.newValue)
})

document.querySelectorAll("[data-theme-toggle]").forEach(describe)
