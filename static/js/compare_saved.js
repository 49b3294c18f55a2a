// [data-saved-comparisons]: named comparisons.
import { keepNames } from "aigo/kept_names"

keepNames({
  selector: "[data-saved-comparisons]",
  key: "aigo:comparisons",
  queryOf: (root) => root.dataset.query,
  addressOf: (query) => `/compare/?${query}`,
})
