// [data-board-link], [data-board-form]: another choice of filters swaps the list and leaves the page. Every one of
// them leads to the same as a page without this module. Where the answer does not come, the list stays and says so.
import { addressOf, isPlain, narrow, offerNarrowing, swap } from "aigo/choices"
import { refreshTimes } from "aigo/times"

const SWAPPED = ["[data-board-list]", "[data-board-picker]"]
const TOLD = ["region", "query", "offset", "limit", "crowned", "eventId"]

export function browse(root, view) {
  const home = location.pathname
  let asking = null
  let here = location.search
  const list = () => root.querySelector("[data-board-list]")

  async function go(url, { push = true } = {}) {
    asking?.abort()
    const mine = (asking = new AbortController())
    list().setAttribute("aria-busy", "true")
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" }, cache: "no-store" }).catch(() => null)
      if (mine.signal.aborted) return
      if (!answer || answer.status >= 500) return fail(() => go(url, { push }))
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const page = new DOMParser().parseFromString(await answer.text(), "text/html")
      const fresh = page.querySelector("[data-live]")
      if (fresh.dataset.region !== root.dataset.region) throw new Error("another region is another page")
      show(page, fresh)
      if (push) history.pushState({ board: true }, "", root.dataset.query ? `?${root.dataset.query}` : location.pathname)
      here = location.search
    } catch {
      if (!mine.signal.aborted) location.assign(url)
    } finally {
      if (asking === mine) list().removeAttribute("aria-busy")
    }
  }

  /** The list that is there stays, and with it what was chosen; the next answer takes the notice away. */
  function fail(again) {
    const notice = list().querySelector(":scope > [data-panel-notice]")
    notice.hidden = false
    notice.querySelector("[data-panel-again]").onclick = again
  }

  function show(page, fresh) {
    for (const selector of SWAPPED) {
      document.querySelectorAll(selector).forEach((old, i) => {
        const now = page.querySelectorAll(selector)[i]
        if (now) swap(old, now)
      })
    }
    for (const name of TOLD) if (name in fresh.dataset) root.dataset[name] = fresh.dataset[name]
    refreshTimes(root)
    view.restart()
    root.dispatchEvent(new CustomEvent("aigo:board", { bubbles: true }))
    root.dispatchEvent(new CustomEvent("aigo:turn", { detail: { eventId: root.dataset.eventId } }))
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-board-link]")
    if (!link || !isPlain(event)) return
    event.preventDefault()
    link.closest("[popover]")?.hidePopover()
    go(link.href)
  })

  root.addEventListener("change", ({ target }) => {
    if (target.form?.matches("[data-board-form]") && target.type === "checkbox") go(addressOf(target.form))
  })

  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-board-form]")) return
    event.preventDefault()
    go(addressOf(event.target))
  })

  root.addEventListener("input", ({ target }) => {
    if (target.matches("[data-narrow]")) narrow(target)
  })
  offerNarrowing(root)

  addEventListener("popstate", () => {
    if (location.pathname === home && location.search !== here) go(location.href, { push: false })
  })
}
