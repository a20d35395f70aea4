// Colours a script as it is typed. The words come from the server: there is no second list of them.
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language"
import { tags } from "@lezer/highlight"

const NAME = /^«[^»]*»?|^"[^"]*"?|^“[^”]*”?/u
const HELD = /^\([^()]*(?:\([^()]*\)[^()]*)*\)?/u
const NUMBER = /^[+\-=]?\d[\d\s.,:]*(?:%|\$|€)?/u
const WORD = /^[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/u

// As the language folds words: case, accents, typographic signs, no-break spaces.
export const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
  .replaceAll("œ", "oe").replaceAll("æ", "ae").replace(/[’ʼ‘]/gu, "'").replace(/\s+/gu, " ")

function matcher(words) {
  const known = words.map(fold)
  return stream => {
    const rest = stream.string.slice(stream.pos)
    const folded = fold(rest)
    const found = known.find(one => folded.startsWith(one) && !/^[\p{L}\p{N}'’-]/u.test(folded.slice(one.length)))
    if (!found) return false
    // As many signs of the line as give those words once folded.
    let length = 0
    while (length < rest.length && fold(rest.slice(0, length)) !== found) length++
    stream.pos += length
    return true
  }
}

export function colours(words) {
  const leading = matcher([...words.leading, ...words.headers])
  const inside = matcher(words.inside)
  const language = StreamLanguage.define({
    name: "relance",
    startState: () => ({ begins: true }),
    copyState: state => ({ ...state }),
    token(stream, state) {
      if (stream.sol()) state.begins = true
      if (stream.eatSpace()) return null
      if (stream.peek() === "#") { stream.skipToEnd(); return "comment" }
      const begins = state.begins
      state.begins = false
      if (stream.match(NAME) || stream.match(HELD)) return "string"
      if (begins && leading(stream)) return "keyword"
      if (inside(stream)) return "keyword"
      if (stream.match(NUMBER)) { stream.match(/^(?:jours?|heures?|semaines?|mois|minutes?|ans?|fois|h)(?!\p{L})/u); return "number" }
      if (stream.match(WORD)) return "variableName"
      if (/[[\],:+–-]/u.test(stream.peek()) && stream.next() !== ":") state.begins = false
      else if (stream.pos === stream.start) stream.next()
      return null
    },
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "["] } },
  })
  const style = HighlightStyle.define([
    { tag: tags.keyword, class: "tok-keyword" },
    { tag: tags.string, class: "tok-value" },
    { tag: tags.number, class: "tok-number" },
    { tag: tags.variableName, class: "tok-words" },
    { tag: tags.comment, class: "tok-note" },
  ])
  return [language, syntaxHighlighting(style)]
}
