// A model's own page.
import { ModelView } from "aigo/model_view"

const article = document.querySelector("main [data-model]")
if (article) {
  const view = new ModelView(article, location.href)
  // A slide-over that was loaded anew is this page; the address before it belongs to the page below, which only
  // that page's own document shows.
  const { pathname } = location
  addEventListener("popstate", () => { if (location.pathname !== pathname) location.reload() })
  addEventListener("pagehide", () => view.feed?.rest())
  addEventListener("pageshow", (event) => { if (event.persisted) view.feed?.start() })
}
