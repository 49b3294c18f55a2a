// A model's own page.
import { ModelView } from "aigo/model_view"

const article = document.querySelector("main [data-model]")
if (article) {
  const view = new ModelView(article, location.href)
  addEventListener("pagehide", () => view.feed?.rest())
  addEventListener("pageshow", (event) => { if (event.persisted) view.feed?.start() })
}
