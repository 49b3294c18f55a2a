// [data-saved-views]: named views of the board.
import { keepNames } from "aigo/kept_names"

const PARAMETERS = ["function", "provider", "foundation", "state", "region", "sort"]

/** The board's own parameters of the address, as they stand there. */
function shownQuery() {
  const pairs = [...new URLSearchParams(location.search)].filter(([name, value]) => PARAMETERS.includes(name) && value)
  return new URLSearchParams(pairs).toString()
}

keepNames({
  selector: "[data-saved-views]",
  key: "aigo:views",
  queryOf: shownQuery,
  addressOf: (query) => (query ? `/?${query}` : "/"),
})
