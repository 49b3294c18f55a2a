// [data-live]: keeps the board as the server sees it, over WebSocket or, where that cannot be had, by polling.
import { Polling } from "aigo/polling"
import { LiveSocket } from "aigo/socket"
import { BoardView } from "aigo/view"

const POLL_MS = 15_000
const TRIES_BEFORE_POLLING = 2

function start(root) {
  const { region, sort, socketUrl, rowsUrl, heartbeatS } = root.dataset
  const lang = document.documentElement.lang
  const view = new BoardView(root)
  const { indicator } = view
  let lastId = root.dataset.eventId
  let lastHeard = new Date()
  let wasLive = false

  /** The page's own filters, and what a live address needs besides; empty values are left out. */
  function address(base, more) {
    const url = new URL(base, location.href)
    const wanted = { ...Object.fromEntries(new URLSearchParams(location.search)), region, sort, lang, ...more }
    for (const [name, value] of Object.entries(wanted)) if (value) url.searchParams.set(name, value)
    return url
  }

  function socketAddress() {
    const url = address(socketUrl, { format: "html", since: lastId })
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:"
    return url
  }

  function take({ type, id, data }) {
    lastHeard = new Date()
    if (type === "error") return
    if (id) lastId = id
    if (data) view.apply(data)
  }

  const polling = new Polling({
    address: () => address(rowsUrl),
    everyMs: POLL_MS,
    onFrame: (frame) => {
      if (!polling.running) return
      take(frame ?? {})
      indicator.show("polling", lastHeard)
    },
    onError: () => { if (polling.running) indicator.show("offline", lastHeard) },
  })

  const socket = new LiveSocket({
    address: socketAddress,
    silenceMs: 2_000 * Number(heartbeatS),
    onFrame: (frame) => {
      polling.stop()
      wasLive = true
      take(frame)
      indicator.show("live", lastHeard)
    },
    onSilence: () => indicator.show("stale", lastHeard),
    onDown: (failures) => {
      if (failures >= TRIES_BEFORE_POLLING) polling.start()
      else if (wasLive) indicator.show("stale", lastHeard)
    },
  })

  indicator.show("connecting")
  socket.connect()
  addEventListener("online", () => socket.hurry())
  document.addEventListener("visibilitychange", () => { if (!document.hidden) socket.hurry() })
}

const root = document.querySelector("[data-live]")
if (root) start(root)
