// [data-whose]: the form of /is-it-me/. The reader's own time zone stands in it, and models are offered as one types.
// Without this module it is a plain form.
const PATIENCE_MS = 150

/** What the search finds, as options: a model's address is the last part of its page's. */
export function optionsOf(html) {
  const found = new DOMParser().parseFromString(html, "text/html")
  return [...found.querySelectorAll("a[href^='/models/']")].map((link) => {
    const option = document.createElement("option")
    option.value = decodeURIComponent(new URL(link.href, location.origin).pathname.split("/")[2])
    option.textContent = link.textContent.trim().replace(/\s+/g, " ")
    return option
  })
}

class ModelField {
  constructor(input) {
    this.input = input
    this.timer = 0
    this.asked = new AbortController()
    input.addEventListener("input", () => this.type())
  }

  type() {
    clearTimeout(this.timer)
    this.asked.abort()
    const typed = this.input.value.trim()
    const chosen = [...this.input.list.options].some((option) => option.value === typed)
    if (typed && !chosen) this.timer = setTimeout(() => this.ask(typed), PATIENCE_MS)
  }

  async ask(typed) {
    this.asked = new AbortController()
    try {
      const url = `${this.input.dataset.suggestUrl}?q=${encodeURIComponent(typed)}`
      const answer = await fetch(url, { signal: this.asked.signal, headers: { Accept: "text/html" } })
      const options = answer.ok ? optionsOf(await answer.text()) : []
      if (options.length) this.input.list.replaceChildren(...options)
    } catch (error) {
      if (error.name !== "AbortError") return // what was offered before stays
    }
  }
}

document.querySelectorAll("[data-whose-model]").forEach((input) => new ModelField(input))
document.querySelectorAll("[data-whose-zone]").forEach((input) => {
  input.value = Intl.DateTimeFormat().resolvedOptions().timeZone || input.value
})
