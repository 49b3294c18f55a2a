// [data-servers]: the machines as the server last read them, by polling; "Read all now" without leaving the page.
import { Announcer } from "aigo/announcer"
import { Indicator } from "aigo/indicator"
import { applyMachines } from "aigo/machines"
import { morph, parse } from "aigo/morph"
import { Polling } from "aigo/polling"
import { refreshTimes } from "aigo/times"

const POLL_MS = 20_000

function start(root) {
  const part = (name) => root.querySelector(`[data-servers-${name}]`)
  const text = root.dataset
  const announcer = new Announcer(part("announcer"), { one: text.textChanged, many: text.textManyChanged })
  const indicator = new Indicator(root.querySelector("[data-live-indicator]"))
  let lastHeard = new Date()

  function apply({ summary, machines }) {
    const fresh = part("summary").cloneNode(false)
    fresh.append(parse(summary))
    morph(part("summary"), fresh)
    announcer.add(applyMachines(part("list"), machines))
    part("empty").hidden = machines.length > 0
    refreshTimes(root)
  }

  const polling = new Polling({
    address: () => new URL(text.cardsUrl, location.href),
    everyMs: POLL_MS,
    onFrame: (frame) => {
      lastHeard = new Date()
      if (frame) apply(frame.data)
      indicator.show("polling", lastHeard)
    },
    onError: () => indicator.show("offline", lastHeard),
  })

  const say = (words) => { part("announcer").textContent = words }

  async function readAll(form) {
    const button = form.querySelector("button")
    if (button.ariaDisabled === "true") return
    button.ariaDisabled = "true"
    try {
      const headers = { Accept: "application/json" }
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const { told } = await answer.json()
      await polling.fetch()
      say(told === null ? text.textWait : text.textRefreshed)
    } catch {
      say(text.textFailed)
      indicator.show("offline", lastHeard)
    } finally {
      button.ariaDisabled = null
    }
  }

  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-servers-refresh]")) return
    event.preventDefault()
    readAll(event.target)
  })
  root.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-servers-reload]") || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    await polling.fetch()
    say(text.textCurrent)
  })
  document.addEventListener("visibilitychange", () => { if (!document.hidden) polling.fetch() })
  polling.start()
}

const root = document.querySelector("[data-servers]")
if (root) start(root)
