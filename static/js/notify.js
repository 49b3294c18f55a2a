// [data-notify]: a button that lets the browser tell of incidents that open and end while this page is open.
const WISH = "aigo:notify"
const TOLD = "aigo:notified"
const MOST_KEPT = 200

function read(key, otherwise) {
  try { return JSON.parse(localStorage.getItem(key)) ?? otherwise } catch { return otherwise }
}

function write(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)) } catch { /* storage is blocked: this page alone knows */ }
}

/** An incident that a provider-wide one has taken in is not over. */
const isTakenIn = (line, now) => now.some(({ kind, provider }) => kind === "provider" && provider === line.provider)

export class Notifier {
  constructor(button) {
    this.button = button
    this.text = button.querySelector("[data-notify-text]")
    this.broken = !("Notification" in window) || !window.isSecureContext
    this.wanted = read(WISH, false)
    button.addEventListener("click", () => this.press())
    document.addEventListener("aigo:incidents", ({ detail }) => this.take(detail))
    addEventListener("storage", ({ key }) => { if (key === WISH) { this.wanted = read(WISH, false); this.show() } })
    this.show()
    button.hidden = false
  }

  state() {
    if (this.broken) return "unsupported"
    if (Notification.permission === "denied") return "denied"
    return this.wanted && Notification.permission === "granted" ? "on" : "off"
  }

  show() {
    const state = this.state()
    const label = { unsupported: "textUnsupported", denied: "textDenied", on: "textOn", off: "textOff" }[state]
    this.text.textContent = this.button.dataset[label]
    this.button.setAttribute("aria-pressed", String(state === "on"))
    this.button.setAttribute("aria-disabled", String(state === "unsupported" || state === "denied"))
    this.button.dataset.state = state
  }

  async press() {
    if (this.state() === "unsupported") return
    if (this.state() === "on") this.wanted = false
    else this.wanted = (await Notification.requestPermission()) === "granted"
    write(WISH, this.wanted)
    this.show()
  }

  /** before, now: the lines of open incidents. Every open page hears of them; the first one tells. */
  take({ before, now }) {
    if (this.state() !== "on") return
    const told = read(TOLD, {})
    const shown = new Set(before.map(({ id }) => id))
    const open = new Set(now.map(({ id }) => id))
    for (const line of now) {
      if (shown.has(line.id) || line.id in told) continue
      told[line.id] = this.tell(line, this.button.dataset.textOpened)
    }
    for (const line of before) {
      if (open.has(line.id) || !told[line.id]) continue
      told[line.id] = false
      if (!isTakenIn(line, now)) this.tell(line, this.button.dataset.textOver, { renotify: true })
    }
    write(TOLD, Object.fromEntries(Object.entries(told).slice(-MOST_KEPT)))
  }

  /** Whether it could be: some browsers have the word but not the thing. */
  tell({ id, name, state, where }, text, more = {}) {
    try {
      const title = text.replace("{state}", state).replace("{name}", name)
      const shown = new Notification(title, { body: where, tag: id, lang: document.documentElement.lang, ...more })
      shown.addEventListener("click", () => {
        window.focus()
        document.getElementById(id)?.scrollIntoView({ block: "center" })
        shown.close()
      })
      return true
    } catch {
      this.broken = true
      this.show()
      return false
    }
  }
}

const button = document.querySelector("[data-notify]")
if (button) new Notifier(button)
