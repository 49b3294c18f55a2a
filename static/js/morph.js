// Makes `old` look like `fresh` with the fewest DOM changes, so that focus, open popovers and selection survive.
// Elements with an id are found again wherever they stood. Returns the [data-value] elements that changed.
const KEPT = new Set(["style", "data-titled", "open"])

export function morph(old, fresh, changed = []) {
  if (old.matches("time[data-relative]") && old.dateTime === fresh.dateTime) return changed
  copyAttributes(old, fresh)
  let place = old.firstChild
  for (const child of [...fresh.childNodes]) {
    const known = counterpart(old, place, child)
    if (!known) {
      old.insertBefore(child, place)
      note(child, changed)
      continue
    }
    if (known === place) place = place.nextSibling
    else old.insertBefore(known, place)
    morphNode(known, child, changed)
  }
  while (place) {
    const next = place.nextSibling
    place.remove()
    place = next
  }
  return changed
}

/** The node of `old` that `fresh` is the new form of, or null. */
function counterpart(old, place, fresh) {
  if (fresh.id) return [...old.children].find((child) => child.id === fresh.id && child.nodeName === fresh.nodeName)
  return place && place.nodeName === fresh.nodeName && !place.id ? place : null
}

function morphNode(node, fresh, changed) {
  if (node.nodeType === Node.ELEMENT_NODE) morph(node, fresh, changed)
  else if (node.nodeValue !== fresh.nodeValue) {
    node.nodeValue = fresh.nodeValue
    note(node, changed)
  }
}

/** A text belongs to the value that it stands in; an element that is new brings its values. */
function note(node, changed) {
  const inside = node.nodeType === Node.ELEMENT_NODE ? node.querySelectorAll("[data-value]") : []
  const around = node.parentElement.closest("[data-value]")
  changed.push(...inside, ...(around ? [around] : []))
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  }
}

export function parse(html) {
  const template = document.createElement("template")
  template.innerHTML = html.trim()
  return template.content
}
