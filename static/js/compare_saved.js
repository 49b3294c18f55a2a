// [data-saved-comparisons]: named comparisons. Who is signed in has them from the server, by forms; for others this
// browser keeps them. The part may be replaced with the page's, so everything is looked up when it opens.
const KEY = "aigo:comparisons"

function kept() {
  try { return (JSON.parse(localStorage.getItem(KEY)) ?? []).filter(({ name, query }) => typeof name === "string" && typeof query === "string") } catch { return [] }
}

function keep(all) {
  try { localStorage.setItem(KEY, JSON.stringify(all)); return true } catch { return false }
}

function line(root, { name, query }) {
  const one = root.querySelector("[data-view-template]").content.firstElementChild.cloneNode(true)
  const link = one.querySelector("a")
  Object.assign(one.dataset, { query, local: name })
  link.textContent = name
  link.href = `/compare/?${query}`
  const button = one.querySelector("[data-view-delete]")
  button.setAttribute("aria-label", button.getAttribute("aria-label").replace("{name}", name))
  return one
}

/** The browser's own beside those of the account, and which one is shown. */
function show(root) {
  const list = root.querySelector("[data-views]")
  list.querySelectorAll("[data-local]").forEach((one) => one.remove())
  list.append(...kept().map((one) => line(root, one)))
  list.querySelectorAll("[data-view]").forEach((one) => {
    if (one.dataset.query === root.dataset.query) one.querySelector("a").setAttribute("aria-current", "true")
    else one.querySelector("a").removeAttribute("aria-current")
  })
  root.querySelector("[data-views-none]").hidden = list.childElementCount > 0
}

function save(root, form) {
  const name = form.elements.name.value.trim().replace(/\s+/g, " ")
  if (!name) return
  const others = kept().filter((one) => one.name.toLowerCase() !== name.toLowerCase())
  if (others.length >= Number(root.dataset.most)) {
    root.querySelector("[data-views-note]").textContent = root.dataset.textMost
    return
  }
  if (!keep([...others, { name, query: root.dataset.query }].sort((a, b) => a.name.localeCompare(b.name)))) return
  form.reset()
  show(root)
}

const rootOf = (element) => element.closest?.("[data-saved-comparisons]")

document.addEventListener("toggle", ({ target, newState }) => {
  if (newState === "open" && rootOf(target)) show(rootOf(target))
}, true)

document.addEventListener("submit", (event) => {
  const root = rootOf(event.target)
  if (!root || !event.target.matches("[data-local]")) return
  event.preventDefault()
  save(root, event.target)
})

document.addEventListener("click", ({ target }) => {
  const root = rootOf(target)
  const button = root && target.closest("[data-view-delete]")
  if (!button) return
  keep(kept().filter(({ name }) => name !== button.closest("[data-view]").dataset.local))
  show(root)
  root.querySelector("[data-views] a, [name=name]")?.focus()
})
