// A message is prose with places to fill in: those, its head and its titles are told apart, nothing more.
// What is to be looked at again comes from the preview, which reads it as it will be sent.
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view"
import { EditorState } from "@codemirror/state"
import { found, remarks } from "./remarks.js"

const LIQUID = /\{\{[^}]*\}\}|\{%[^%]*%\}/gu
const MARKS = { liquid: "tok-liquid", head: "tok-head", title: "tok-title" }

// How many lines the head takes, its two rules included.
function headLines(doc) {
  if (doc.line(1).text.trim() !== "---") return 0
  for (let at = 2; at <= Math.min(doc.lines, 40); at++) if (doc.line(at).text.trim() === "---") return at
  return 0
}

function drawn(view) {
  const marks = []
  const head = headLines(view.state.doc)
  const add = (kind, from, to) => { if (to > from) marks.push(Decoration.mark({ class: MARKS[kind] }).range(from, to)) }
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at)
      if (line.number <= head) add("head", line.from, line.from + (line.text.indexOf(":") + 1 || line.length))
      else if (/^#{1,6} /u.test(line.text)) add("title", line.from, line.to)
      for (const one of line.text.matchAll(LIQUID)) add("liquid", line.from + one.index, line.from + one.index + one[0].length)
      at = line.to + 1
    }
  }
  return Decoration.set(marks, true)
}

const places = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = drawn(view) }
  update(update) { if (update.docChanged || update.viewportChanged) this.decorations = drawn(update.view) }
}, { decorations: plugin => plugin.decorations })

// Each remark under the whole of its line.
function placed(view, list) {
  const doc = view.state.doc
  return list.map(({ line, message, bad }) => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines))
    return {
      code: "", message, fixes: [], severity: bad ? "erreur" : "avertissement",
      start: { line: at.number, utf16_offset: at.from }, end: { line: at.number, utf16_offset: at.to },
    }
  })
}

const hearing = textarea => ViewPlugin.fromClass(class {
  constructor(view) {
    this.hear = event => view.dispatch({ effects: found.of(placed(view, event.detail)) })
    textarea.addEventListener("relance:checks", this.hear)
  }
  destroy() { textarea.removeEventListener("relance:checks", this.hear) }
})

const BRACKETS = EditorState.languageData.of(() => [{ closeBrackets: { brackets: ["(", "[", "{"] } }])

export const written = textarea => [places, remarks, hearing(textarea), BRACKETS]
