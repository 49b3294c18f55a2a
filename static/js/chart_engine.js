// ECharts, fetched once and only when a chart is in view. Its one file of the size we want is no ES module: as a
// module it leaves itself in the global scope.
let engine = null

/** The library; a failed fetch is tried again by the next chart. */
export function loadEngine(address) {
  engine ??= import(address).then(() => globalThis.echarts)
  return engine.catch((error) => {
    engine = null
    throw error
  })
}

/** Calls `seen` once, when the element is near the screen. */
export function whenSeen(element, seen) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return
    watcher.disconnect()
    seen()
  }, { rootMargin: "120px" })
  watcher.observe(element)
  return () => watcher.disconnect()
}
