// The ladder of connections: streams, best first, and polling as the ground. A page stands on the highest that
// bears it, goes down when it breaks, and tries the higher ones again by itself, ever more rarely.
import { Pace } from "aigo/pace"

const FIRST_FRAME_MS = 10_000
const PULSE_MS = 1_000
const HURRY_MS = 3_000
const RENEW_SPREAD_MS = 1_000
const HIDDEN_MS = 30_000

/** rungs: [{name, open({onFrame, onEnd}) → {close()}, onRefused?, scarce?}]; scarce ones are not kept by hidden pages. */
export class Feed {
  constructor({ rungs, polling, heartbeatS, onFrame, onStatus }) {
    Object.assign(this, { rungs, polling, onFrame, onStatus, link: null, trial: null, rung: rungs.length })
    Object.assign(this, { pace: new Pace(), pollFailed: null, heardAt: Date.now(), triedAt: 0, resting: true, turning: false })
    this.heartbeat(heartbeatS)
  }

  heartbeat(seconds) { this.silenceMs = 2_000 * seconds }

  start() {
    if (!this.resting) return
    this.resting = false
    this.pulse = setInterval(() => this.check(), PULSE_MS)
    this.climb()
  }

  /** Lets everything go: the page is left, and may come back. */
  rest() {
    this.resting = true
    clearInterval(this.pulse)
    clearTimeout(this.timer)
    clearTimeout(this.hiddenTimer)
    this.dropTrial()
    this.dropLink()
    this.polling.stop()
    this.pollFailed = null
  }

  /** Tries the rungs from `rung` down to the one stood on. What is stood on holds until a better one bears. */
  climb(rung = 0) {
    clearTimeout(this.timer)
    this.dropTrial()
    if (rung >= this.rung) return this.miss()
    if (rung === 0) this.triedAt = Date.now()
    const trial = (this.trial = this.rungs[rung].open({
      onFrame: (frame) => this.hear(frame, trial, rung),
      onEnd: () => this.end(trial, rung),
    }))
    this.limitTrial(FIRST_FRAME_MS, rung)
    this.show()
  }

  /** The same rung once more: its address has changed. */
  again() {
    if (this.trial) this.climb(this.trialRung)
  }

  /** What is looked at has changed: the same way once more. What was under way is of before, and not heard. */
  turn() {
    if (this.resting) return
    const stood = this.link ? this.rung : this.trial ? this.trialRung : null
    this.turning = this.link !== null
    this.dropLink()
    if (stood !== null) this.climb(stood)
    if (this.polling.running) this.polling.renew()
  }

  limitTrial(ms, rung) {
    this.trialRung = rung
    clearTimeout(this.trialTimer)
    this.trialTimer = setTimeout(() => this.end(this.trial, rung), ms)
  }

  hear(frame, link, rung) {
    if (frame.type !== "error") {
      this.heardAt = Date.now()
      if (link === this.trial && frame.type === "hello") this.limitTrial(this.silenceMs, rung)
      else if (link === this.trial) this.settle(rung)
    }
    this.onFrame(frame)
    this.show()
  }

  settle(rung) {
    clearTimeout(this.trialTimer)
    clearTimeout(this.timer)
    this.dropLink()
    this.link = this.trial
    this.trial = null
    this.turning = false
    this.rung = rung
    this.settledAt = Date.now()
    this.polling.stop()
    this.pollFailed = null
    if (rung > 0) this.schedule()
  }

  end(link, rung) {
    if (link === this.trial) {
      this.rungs[rung].onRefused?.()
      this.climb(rung + 1)
    } else if (link === this.link) this.lose()
  }

  lose() {
    this.pace.broke(Date.now() - this.settledAt)
    this.dropLink()
    if (!this.trial) this.schedule()
    this.show()
  }

  /** A round found nothing better. */
  miss() {
    this.turning = false
    this.pace.missed()
    if (!this.link) this.polling.start()
    this.schedule()
    this.show()
  }

  schedule() {
    const polls = this.pollFailed === false
    this.climbIn(this.pace.waitMs(this.link ? "stream" : polls ? "polling" : "none"))
  }

  /** A hidden page does not climb: it does so when it is looked at. */
  climbIn(ms) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { if (!document.hidden) this.climb() }, ms)
  }

  /** The page is looked at: a climb that is worth it need not wait, if the last is not just over. */
  hurry(spreadMs = 0) {
    if (this.trial || (this.link && this.rung === 0)) return
    this.climbIn(Math.max(0, this.triedAt + HURRY_MS - Date.now()) + spreadMs * Math.random())
    if (this.polling.running) this.polling.fetch()
  }

  /** The network is back, perhaps another one: what was open leads nowhere, though nothing has told it so. */
  renew() {
    if (this.resting) return
    this.dropTrial()
    this.dropLink()
    this.hurry(RENEW_SPREAD_MS)
    this.show()
  }

  /** A browser opens six connections to a site at most; a hidden page must not hold one of them. */
  hide() {
    this.hiddenTimer = setTimeout(() => { if (this.rungs[this.rung]?.scarce) this.dropLink() }, HIDDEN_MS)
  }

  look() {
    clearTimeout(this.hiddenTimer)
    if (this.resting) return
    this.check()
    this.hurry()
  }

  /** By the wall clock: timers stand still while a machine sleeps. */
  check() {
    const now = Date.now()
    if (now < this.heardAt) this.heardAt = now
    if (this.link && this.isSilent()) this.lose()
    else if (!this.link) this.show()
  }

  isSilent() { return Date.now() - this.heardAt > this.silenceMs }

  /** The first right answer after a wrong one: a try that began before is not waited for. */
  polled(frame) {
    this.heardAt = Date.now()
    if (this.pollFailed) {
      this.pace.renewed()
      this.dropTrial()
      this.climbIn(HURRY_MS * Math.random())
    }
    this.pollFailed = false
    if (frame) this.onFrame(frame)
    this.show()
  }

  pollMissed() {
    this.pollFailed = true
    this.show()
  }

  dropTrial() {
    clearTimeout(this.trialTimer)
    this.trial?.close()
    this.trial = null
  }

  dropLink() {
    this.link?.close()
    this.link = null
    this.rung = this.rungs.length
  }

  show() {
    if (!this.resting) this.onStatus(this.status(), this.heardAt, this.link ? this.rungs[this.rung].name : "polling")
  }

  status() {
    if (this.link || (this.turning && !this.isSilent())) return "live"
    if (this.pollFailed !== null) return this.pollFailed ? "offline" : "polling"
    return this.isSilent() ? "stale" : "connecting"
  }
}
