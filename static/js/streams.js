// One WebSocket, one EventSource: both hand over frames, and say once that they have ended.
const EVENT_TYPES = ["hello", "snapshot", "update", "stats", "incident", "heartbeat", "reload", "signed_out"]

/** hear: for each text that arrives; end: once, unless close() came first. */
function link({ onFrame, onEnd }, shut) {
  let open = true
  const close = () => {
    if (open) shut()
    open = false
  }
  const end = () => {
    if (!open) return
    close()
    onEnd()
  }
  const hear = (text) => {
    if (!open) return
    let frame
    try { frame = JSON.parse(text) } catch { return end() }
    onFrame(frame)
  }
  return { close, end, hear }
}

/** onFrame(frame), onEnd(). The returned close() ends it silently. */
export function openSocket(address, handlers) {
  const url = new URL(address)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  const socket = new WebSocket(url)
  const { close, end, hear } = link(handlers, () => socket.close())
  socket.onmessage = (event) => hear(event.data)
  socket.onclose = end
  return { close }
}

/** As openSocket. The browser's own reconnecting is left out: it knows no jitter and no lower rung. */
export function openEvents(address, handlers) {
  const source = new EventSource(address)
  const { close, end, hear } = link(handlers, () => source.close())
  for (const type of EVENT_TYPES) source.addEventListener(type, (event) => hear(event.data))
  // A frame of type "error" arrives under the name of the browser's own event, which has no data.
  source.addEventListener("error", (event) => (event.data === undefined ? end() : hear(event.data)))
  return { close }
}
