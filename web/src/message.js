// A message is prose with places to fill in: those, its head and its titles are told apart, nothing more.
// What is to be looked at again comes from the preview, which reads it as it will be sent.
import { autocompletion } from "@codemirror/autocomplete"
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view"
import { EditorState } from "@codemirror/state"
import { fold } from "./colours.js"
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

// What may be said by name, between its braces, which come with it; accents aside, as names are read.
function naming(textarea) {
  const known = JSON.parse(textarea.dataset.variables ?? "[]").map(([name, help]) => ({ name, help, key: fold(name) }))
  const put = (view, { label }, from, to) => {
    const { doc } = view.state
    const before = doc.sliceString(Math.max(from - 3, 0), from), after = doc.sliceString(to, to + 3)
    const opening = /\{\{ ?$/u.test(before) ? (before.endsWith(" ") ? "" : " ") : "{{ "
    const closing = /^ ?(?:\}\}|\|)/u.test(after) ? (after.startsWith(" ") ? "" : " ") : " }}"
    const insert = opening + label + closing
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input.complete" })
  }
  return autocompletion({
    icons: false, maxRenderedOptions: 60,
    override: [context => {
      const open = context.matchBefore(/\{\{\s*[\p{L}\p{M}\w.]*/u)
      if (!known.length || (!open && !context.explicit)) return null
      const word = context.matchBefore(/[\p{L}\p{M}\w.]*/u)
      const typed = fold(word.text)
      const fits = known.filter(one => one.key.includes(typed))
      fits.sort((a, b) => b.key.startsWith(typed) - a.key.startsWith(typed))
      const options = fits.map(one => ({ label: one.name, detail: one.help === one.name ? "" : one.help, apply: put }))
      return options.length ? { from: word.from, filter: false, options } : null
    }],
  })
}

export const written = textarea => [places, remarks, hearing(textarea), naming(textarea), BRACKETS]
