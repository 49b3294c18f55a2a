// Makes `old` look like `fresh` with the fewest DOM changes, so that focus, open popovers and selection survive.
// Returns the elements marked [data-value] whose text changed.
const KEPT = new Set(["style", "data-titled"])

export function morph(old, fresh, changed = []) {
  if (old.matches("time[data-relative]") && old.dateTime === fresh.dateTime) return changed
  copyAttributes(old, fresh)
  const olds = [...old.childNodes]
  const freshes = [...fresh.childNodes]
  if (olds.length === freshes.length && olds.every((node, i) => alike(node, freshes[i]))) {
    olds.forEach((node, i) => morphNode(node, freshes[i], changed))
  } else {
    old.replaceChildren(...freshes)
    changed.push(...old.querySelectorAll("[data-value]"))
  }
  return changed
}

const alike = (a, b) => a.nodeName === b.nodeName && a.id === b.id

function morphNode(node, fresh, changed) {
  if (node.nodeType === Node.ELEMENT_NODE) morph(node, fresh, changed)
  else if (node.nodeValue !== fresh.nodeValue) {
    node.nodeValue = fresh.nodeValue
    const value = node.parentElement?.closest("[data-value]")
    if (value) changed.push(value)
  }
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
