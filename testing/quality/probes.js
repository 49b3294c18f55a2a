// Runs in every page before its own scripts: what moved without being asked to, and who is to blame.
(() => {
  const moved = []
  const name = (node) => {
    if (!node || node.nodeType !== 1) return String(node && node.nodeName)
    const classes = typeof node.className === "string" ? node.className.trim().split(/\s+/).join(".") : ""
    return node.tagName.toLowerCase() + (node.id ? `#${node.id}` : "") + (classes ? `.${classes}` : "")
  }
  const note = (list) => {
    for (const shift of list) {
      if (shift.hadRecentInput) continue
      const who = shift.sources.map(({ node, previousRect: a, currentRect: b }) =>
        `${name(node)} ${a.x},${a.y} ${a.width}x${a.height} → ${b.x},${b.y} ${b.width}x${b.height}`)
      moved.push({ value: shift.value, who })
    }
  }
  const shifts = new PerformanceObserver((list) => note(list.getEntries()))
  shifts.observe({ type: "layout-shift", buffered: true })
  const painted = []
  const paints = new PerformanceObserver((list) => painted.push(...list.getEntries()))
  paints.observe({ type: "largest-contentful-paint", buffered: true })
  const slow = []
  const events = new PerformanceObserver((list) => slow.push(...list.getEntries()))
  events.observe({ type: "event", buffered: true, durationThreshold: 16 })
  window.__quality = {
    moved: () => (note(shifts.takeRecords()), moved.splice(0)),
    lcp: () => (painted.push(...paints.takeRecords()), painted.length ? painted.at(-1).startTime : null),
    events: () => (slow.push(...events.takeRecords()),
      slow.filter((entry) => entry.interactionId).map(({ name, duration }) => ({ name, duration }))),
  }
})()
