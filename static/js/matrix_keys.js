// The arrow keys go from cell to cell, Home and End along the row: Tab alone would take a hundred steps to the next row.
const ACROSS = { ArrowRight: 1, ArrowLeft: -1 }
const DOWN = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }
const linkIn = (cell) => cell?.querySelector("a")

/** The next cell that way which leads anywhere. */
function across(cell, step) {
  const cells = [...cell.parentElement.children]
  for (let at = cells.indexOf(cell) + step; cells[at]; at += step) if (linkIn(cells[at])) return cells[at]
  return null
}

function down(cell, towards) {
  const column = [...cell.parentElement.children].indexOf(cell)
  for (let row = cell.parentElement[towards]; row; row = row[towards]) if (linkIn(row.children[column])) return row.children[column]
  return null
}

function end(cell, key) {
  const cells = [...cell.parentElement.children].filter(linkIn)
  return key === "Home" ? cells[0] : cells.at(-1)
}

export function startKeys(box) {
  box.addEventListener("keydown", (event) => {
    const cell = event.target.closest("tbody td, tbody th")
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    const next = key in ACROSS ? across(cell, ACROSS[key]) : key in DOWN ? down(cell, DOWN[key]) : key === "Home" || key === "End" ? end(cell, key) : null
    if (!next) return
    event.preventDefault()
    linkIn(next).focus({ focusVisible: true })
  })
}
