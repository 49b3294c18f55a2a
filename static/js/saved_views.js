// [data-saved-views]: named views of the board. Who is signed in has them from the server, by forms; for others
// this browser keeps them. The part may be replaced with the toolbar, so everything is looked up when it opens.
const KEY = "aigo:views"
const PARAMETERS = ["function", "provider", "foundation", "state", "region", "sort"]

/** The board's own parameters of the address, as they stand there. */
export function shownQuery(search = location.search) {
  const pairs = [...new URLSearchParams(search)].filter(([name, value]) => PARAMETERS.includes(name) && value)
  return new URLSearchParams(pairs).toString()
}

export function kept() {
  try { return (JSON.parse(localStorage.getItem(KEY)) ?? []).filter(({ name, query }) => typeof name === "string" && typeof query === "string") } catch { return [] }
}

function keep(views) {
  try { localStorage.setItem(KEY, JSON.stringify(views)); return true } catch { return false }
}

function line(root, { name, query }) {
  const one = root.querySelector("[data-view-template]").content.firstElementChild.cloneNode(true)
  const link = one.querySelector("a")
  one.dataset.query = query
  one.dataset.local = name
  link.textContent = name
  link.href = query ? `/?${query}` : "/"
  const button = one.querySelector("[data-view-delete]")
  button.setAttribute("aria-label", button.getAttribute("aria-label").replace("{name}", name))
  return one
}

/** The browser's own views beside those of the account, and which one is shown. */
function show(root) {
  const list = root.querySelector("[data-views]")
  const query = shownQuery()
  list.querySelectorAll("[data-local]").forEach((one) => one.remove())
  list.append(...kept().map((view) => line(root, view)))
  list.querySelectorAll("[data-view]").forEach((one) => {
    if (one.dataset.query === query) one.querySelector("a").setAttribute("aria-current", "true")
    else one.querySelector("a").removeAttribute("aria-current")
  })
  root.querySelectorAll("[data-views-query]").forEach((input) => { input.value = query })
  root.querySelector("[data-views-none]").hidden = list.childElementCount > 0
}

function save(root, form) {
  const name = form.elements.name.value.trim().replace(/\s+/g, " ")
  const others = kept().filter((view) => view.name.toLowerCase() !== name.toLowerCase())
  if (!name) return
  const note = root.querySelector("[data-views-note]")
  if (others.length >= Number(root.dataset.most)) { note.textContent = root.dataset.textMost; return }
  const views = [...others, { name, query: shownQuery() }].sort((a, b) => a.name.localeCompare(b.name))
  if (!keep(views)) return
  form.reset()
  show(root)
}

const rootOf = (element) => element.closest?.("[data-saved-views]")

document.addEventListener("toggle", ({ target, newState }) => {
  if (newState === "open" && target.matches?.(".views__menu")) show(rootOf(target))
}, true)

document.addEventListener("submit", (event) => {
  const root = rootOf(event.target)
  if (!root || !event.target.matches("[data-local]")) return
  event.preventDefault()
  save(root, event.target)
})

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-view-delete]")
  if (!button) return
  const root = rootOf(button)
  keep(kept().filter(({ name }) => name !== button.closest("[data-view]").dataset.local))
  show(root)
  root.querySelector("[name=name]").focus()
})
