// [data-news]: the long menu of tags is searched as one types. All else is links and forms.
import { narrow, offerNarrowing } from "aigo/choices"

const root = document.querySelector("[data-news]")
if (root) offerNarrowing(root)
root?.addEventListener("input", ({ target }) => target.matches("[data-narrow]") && narrow(target))
