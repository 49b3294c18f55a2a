// Named addresses of a page: who is signed in has them from the server, by forms; for others this browser keeps them.
// The part may be replaced with the page's, so everything is looked up when it opens.

/**
 * selector: the part; key: where the browser keeps them; queryOf(root): what is shown now, without question mark;
 * addressOf(query): where it is shown.
 */
export function keepNames({ selector, key, queryOf, addressOf }) {
  const rootOf = (element) => element.closest?.(selector)

  function kept() {
    try { return (JSON.parse(localStorage.getItem(key)) ?? []).filter(({ name, query }) => typeof name === "string" && typeof query === "string") } catch { return [] }
  }

  function keep(all) {
    try { localStorage.setItem(key, JSON.stringify(all)); return true } catch { return false }
  }

  function line(root, { name, query }) {
    const one = root.querySelector("[data-view-template]").content.firstElementChild.cloneNode(true)
    const link = one.querySelector("a")
    Object.assign(one.dataset, { query, local: name })
    link.textContent = name
    link.href = addressOf(query)
    const button = one.querySelector("[data-view-delete]")
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace("{name}", name))
    return one
  }

  /** The browser's own beside those of the account, and which one is shown. */
  function show(root) {
    const list = root.querySelector("[data-views]")
    const shown = queryOf(root)
    list.querySelectorAll("[data-local]").forEach((one) => one.remove())
    list.append(...kept().map((one) => line(root, one)))
    list.querySelectorAll("[data-view]").forEach((one) => {
      if (one.dataset.query === shown) one.querySelector("a").setAttribute("aria-current", "true")
      else one.querySelector("a").removeAttribute("aria-current")
    })
    root.querySelectorAll("[data-views-query]").forEach((input) => { input.value = shown })
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
    const all = [...others, { name, query: queryOf(root) }].sort((a, b) => a.name.localeCompare(b.name))
    if (!keep(all)) return
    form.reset()
    show(root)
  }

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
    const next = root.querySelector("[name=name]") ?? root.querySelector("[data-views] a")
    next?.focus()
  })
}
