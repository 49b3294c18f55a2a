// Pretendard, for Hangul that is not of our own texts: linked when the page has some, or somebody types Korean.
// [data-told] are texts of articles, in the system's font: their syllables are any, and would fetch 300 KB.
const OURS = "AI-GO Hangul"
const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/gu
let linked = false

/** The code points that our own files have, from their unicode-range. */
function covered() {
  const codes = new Set()
  for (const face of document.fonts) {
    if (face.family.replaceAll('"', "") !== OURS) continue
    for (const [, low, high] of face.unicodeRange.matchAll(/U\+([0-9a-f]+)(?:-([0-9a-f]+))?/gi)) {
      for (let code = parseInt(low, 16); code <= parseInt(high ?? low, 16); code++) codes.add(code)
    }
  }
  return codes
}

export function linkRest() {
  if (linked) return
  linked = true
  const link = document.createElement("link")
  link.rel = "stylesheet"
  link.href = document.querySelector("meta[name=hangul-fonts]").content
  document.head.append(link)
}

function ourText() {
  if (!document.querySelector("[data-told]")) return document.body.textContent
  const body = document.body.cloneNode(true)
  body.querySelectorAll("[data-told]").forEach((told) => told.remove())
  return body.textContent
}

function look() {
  const found = ourText().match(HANGUL)
  if (!found) return
  const ours = covered()
  if (found.some((letter) => !ours.has(letter.codePointAt(0)))) linkRest()
}

const whenIdle = globalThis.requestIdleCallback ?? setTimeout
addEventListener("compositionstart", linkRest)
if (document.readyState === "complete") whenIdle(look)
else addEventListener("load", () => whenIdle(look))
