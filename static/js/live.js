// [data-live]: keeps the board as the server sees it: by WebSocket, server-sent events or polling. What it looks
// at stands on the root (data-query, data-offset, data-limit) and may change; "aigo:turn" there says that it has.
import "aigo/about"
import { browse } from "aigo/browse"
import { byServer, hearTime } from "aigo/clock"
import { Feed } from "aigo/feed"
import { More } from "aigo/more"
import { Polling } from "aigo/polling"
import { reloadWhenIdle } from "aigo/reloading"
import { openEvents, openSocket } from "aigo/streams"
import { refreshTimes } from "aigo/times"
import { BoardView } from "aigo/view"

const POLL_MS = 15_000

function start(root) {
  const { socketUrl, eventsUrl, rowsUrl, heartbeatS } = root.dataset
  let lastId = root.dataset.eventId

  /** What the page looks at, with what an address needs besides; empty values are left out. */
  function address(base, more) {
    const { query, offset, limit } = root.dataset
    const url = new URL(base, location.href)
    url.search = query
    const wanted = { offset, limit, lang: document.documentElement.lang, ...more }
    for (const [name, value] of Object.entries(wanted)) if (value && value !== "0") url.searchParams.set(name, value)
    return url
  }

  const stream = (base) => address(base, { format: "html", since: lastId })

  /** A frame of rows, asked for by the way. */
  async function ask(more, signal) {
    const answer = await fetch(address(rowsUrl, more), { signal, headers: { Accept: "application/json" }, cache: "no-store" })
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    return (await answer.json()).data
  }

  const view = new BoardView(root, ask)
  new More(root, view, ask)
  browse(root, view)

  /** An id that the server cannot go on from leads to a snapshot. */
  function refused({ parameter }) {
    if (parameter !== "since" || !lastId) return
    lastId = ""
    feed.again()
  }

  function take({ type, id, data = {} }) {
    if (type === "error") refused(data)
    else if (type === "reload") reloadWhenIdle(data)
    else if (type === "signed_out") location.reload()
    else if (type === "hello") greet(data)
    else {
      if (id) lastId = id
      view.apply(data)
    }
  }

  function greet({ heartbeat_s: seconds, at }) {
    if (seconds) feed.heartbeat(seconds)
    hearTime(at)
  }

  const feed = new Feed({
    rungs: [
      { name: "websocket", open: (handlers) => openSocket(stream(socketUrl), handlers) },
      // An EventSource does not tell why it was refused: it may have been the id.
      { name: "sse", open: (handlers) => openEvents(stream(eventsUrl), handlers), onRefused: () => { lastId = "" }, scarce: true },
    ],
    polling: new Polling({
      address: () => address(rowsUrl),
      everyMs: POLL_MS,
      onFrame: (frame) => feed.polled(frame),
      onError: () => feed.pollMissed(),
    }),
    heartbeatS: Number(heartbeatS),
    onFrame: take,
    onStatus: (status, heardAt, carrier) => view.indicator.show(status, new Date(byServer(heardAt)), carrier),
  })

  feed.start()
  root.addEventListener("aigo:turn", ({ detail }) => {
    if (detail?.eventId !== undefined) lastId = detail.eventId
    feed.turn()
  })
  addEventListener("online", () => feed.renew())
  document.addEventListener("visibilitychange", () => (document.hidden ? feed.hide() : feed.look()))
  document.addEventListener("resume", () => feed.look())
  addEventListener("pagehide", () => feed.rest())
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return
    refreshTimes()
    feed.start()
  })
}

const root = document.querySelector("[data-live]")
if (root) start(root)
