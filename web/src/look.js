// A script is prose: names as chips, lines that wrap under their own indentation.
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view"
import { RangeSetBuilder } from "@codemirror/state"

const HELD = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)/gu
const DEEPEST = 6

function drawn(view) {
  const marks = []
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at)
      const margin = /^[ \t]*/u.exec(line.text)[0]
      const depth = Math.min(Math.floor(margin.replaceAll("\t", "  ").length / 2), DEEPEST)
      marks.push(Decoration.line({ class: `depth-${depth}` }).range(line.from))
      if (margin) marks.push(Decoration.mark({ class: "margin" }).range(line.from, line.from + margin.length))
      if (!line.text.trimStart().startsWith("#")) {
        for (const found of line.text.matchAll(HELD)) {
          const start = line.from + found.index
          const chip = /^\s*[+\-=]?\d/u.test(found[1]) ? null : Decoration.mark({ class: "held" })
          if (chip && found[0].length > 2) marks.push(chip.range(start, start + found[0].length))
        }
      }
      at = line.to + 1
    }
  }
  return Decoration.set(marks, true)
}

export const look = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = drawn(view) }
  update(update) { if (update.docChanged || update.viewportChanged) this.decorations = drawn(update.view) }
}, { decorations: plugin => plugin.decorations })

export const base = EditorView.theme({
  "&": { height: "100%" },
  ".cm-scroller": { overflow: "auto" },
})
