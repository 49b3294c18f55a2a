// What lists with filters have in common: the address of a form, menus that stay open while their list changes, and
// long menus that are searched as one types.
import { morph } from "aigo/morph"

/** Where a form leads: its action with the fields that say something. */
export function addressOf(form) {
  const address = new URL(form.getAttribute("action"), location.href)
  address.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString()
  return address.href
}

/** An open menu keeps its list: nothing moves under a pointer. What was chosen is as the server understood it. */
export function swap(old, fresh) {
  for (const menu of old.querySelectorAll("fieldset:popover-open")) {
    const lists = [menu, fresh.querySelector(`#${menu.id}`)].map((one) => one?.querySelector("ul"))
    if (!lists[1]) continue
    const counts = new Map([...lists[1].querySelectorAll("[data-facet]")].map((one) => [one.dataset.facet, one.textContent]))
    for (const count of lists[0].querySelectorAll("[data-facet]")) count.textContent = counts.get(count.dataset.facet) ?? "0"
    for (const box of lists[0].querySelectorAll("input")) box.toggleAttribute("checked", box.checked)
    lists[1].replaceWith(lists[0].cloneNode(true))
    fresh.querySelector(`#${menu.id} [data-narrow]`)?.removeAttribute("hidden")
  }
  morph(old, fresh)
  for (const box of old.querySelectorAll("input[type=checkbox]")) box.checked = box.hasAttribute("checked")
  offerNarrowing(old)
}

/** A long list is searched as one types; nothing of it leaves the page. */
export function narrow(field) {
  const plain = (text) => text.normalize("NFC").toLowerCase().replace(/[\s-]+/g, "")
  const wanted = plain(field.value)
  for (const item of field.parentElement.querySelectorAll("li")) item.hidden = !plain(item.textContent).includes(wanted)
}

export function offerNarrowing(root) {
  root.querySelectorAll("[data-narrow]").forEach((field) => { field.hidden = false })
}

/** Whether a click is nothing but a click: a new tab or window is the browser's affair. */
export const isPlain = (event) => !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
