// Every text that a reader meets and the attributes that are read out, each with where it stands.
// What says of itself that it is in another language, or no language at all, is left out.
(() => {
  const LEFT_OUT = "script, style, noscript, template, code, pre, kbd, samp, svg title, [translate=no], [lang]:not(html)"
  const READ_OUT = ["aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt"]
  const found = []
  const add = (text, node) => {
    const said = text.replace(/\s+/g, " ").trim()
    if (said) found.push([said, `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""}`])
  }
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement
    if (parent && !parent.closest(LEFT_OUT)) add(walk.currentNode.data, parent)
  }
  for (const attribute of READ_OUT)
    for (const node of document.querySelectorAll(`[${attribute}]`))
      if (!node.closest(LEFT_OUT)) add(node.getAttribute(attribute), node)
  return found
})()
