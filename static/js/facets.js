// The counts beside choices and above the list: [data-facet="state:outage"], [data-found], [data-total].
const number = new Intl.NumberFormat(document.documentElement.lang || "en")

function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** count: endpoints that the filters leave; facets: {filter: {value: how many another choice would leave}}. */
export function showCounts(root, { count, facets = {} }) {
  for (const [name, counts] of Object.entries(facets)) {
    for (const element of document.querySelectorAll(`[data-facet^="${name}:"]`)) {
      write(element, number.format(counts[element.dataset.facet.slice(name.length + 1)] ?? 0))
    }
  }
  const found = root.querySelector("[data-found]")
  if (count === undefined || !found) return
  const said = { count: number.format(count), total: number.format(Number(found.dataset.total)) }
  write(found, found.dataset.found.replace(/{(\w+)}/g, (_, name) => said[name]))
}
