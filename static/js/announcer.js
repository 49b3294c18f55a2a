// [data-live-announcer]: says which states changed, a few at a time, never every figure.
const FEW = 3
const GATHER_MS = 700

export class Announcer {
  constructor(element, { one, many }) {
    Object.assign(this, { element, one, many, changes: [], timer: 0 })
  }

  add(changes) {
    if (!changes.length) return
    this.changes.push(...changes)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.say(), GATHER_MS)
  }

  say() {
    const changes = this.changes.splice(0)
    const lines = changes.map(({ name, state }) => this.one.replace("{name}", name).replace("{state}", state))
    this.element.textContent = changes.length > FEW ? this.many.replace("{count}", changes.length) : lines.join(" ")
  }
}
