// The charts' colours as the style sheet has them now, and word of when the theme changes them.
const NAMES = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "ground"]

export function palette() {
  const style = getComputedStyle(document.documentElement)
  const [latency, errors, availability, throughput, behind, ground] = NAMES.map((name) => style.getPropertyValue(`--${name}`).trim())
  return { latency, errors, availability, throughput, behind, ground }
}

/** Calls `changed` whenever the page's theme is another; returns what ends that. */
export function onThemeChange(changed) {
  const watcher = new MutationObserver(changed)
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] })
  return () => watcher.disconnect()
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches
