// a[data-slide-over]: leads to a page of a model or a score, and opens it over this one where that can be done. What
// that takes is fetched when a reader comes near such a link, not before.
const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
const linkOf = (event) => event.target.closest?.("a[data-slide-over]")
let ready = false
const prepare = async () => {
  const module = await import("aigo/slide_over")
  ready = true
  return module
}
const near = (event) => { if (linkOf(event)) prepare().catch(() => {}) }

if (document.querySelector("[data-slide-over-dialog]")) {
  // Forward, on a page that was loaded anew; later the module hears of it itself.
  addEventListener("popstate", ({ state }) => {
    if (state?.slideOver && !ready) prepare().then(({ reveal }) => reveal(state.slideOver)).catch(() => location.reload())
  })
  document.addEventListener("pointerover", near)
  document.addEventListener("focusin", near)
  document.addEventListener("click", (event) => {
    const link = linkOf(event)
    if (!link || event.defaultPrevented || !isPlain(event)) return
    event.preventDefault()
    prepare().then(({ open }) => open(link)).catch(() => location.assign(link.href))
  })
}
