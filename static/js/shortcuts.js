// "/" puts the cursor into the search box, unless somebody is typing or has something open.
const TYPED_IN = "input, textarea, select, [contenteditable]"

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest(TYPED_IN) || document.querySelector("dialog[open]")) return
  const input = document.querySelector("[data-search-input]")
  if (!input) return
  event.preventDefault()
  input.focus()
  input.select()
})
