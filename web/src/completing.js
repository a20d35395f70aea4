// What may be written here, as the server says it: already sorted, so nothing is filtered again here.
import { autocompletion, snippet } from "@codemirror/autocomplete"

const escaped = text => text.replace(/[\\$#{}]/gu, sign => (sign === "{" || sign === "}" ? `\\${sign}` : sign))

// The text of a proposal with its stretches to fill in, as CodeMirror writes them.
export function template(one) {
  let text = "", at = 0
  one.stops.forEach(([from, to], rank) => {
    text += escaped(one.text.slice(at, from)) + "${" + (rank + 1) + ":" + escaped(one.text.slice(from, to)) + "}"
    at = to
  })
  return text + escaped(one.text.slice(at))
}

export function insert(view, one, from, to) {
  if (one.stops.length) {
    // Its lines are indented already: a snippet would indent them again.
    const line = view.state.doc.lineAt(from)
    const indent = /^\s*/u.exec(line.text)[0]
    const text = template(one).split("\n").map((row, rank) => (rank && row.startsWith(indent) ? row.slice(indent.length) : row)).join("\n")
    snippet(text.replaceAll("\n", "\n"))(view, { label: one.label }, from, to)
  } else {
    view.dispatch({ changes: { from, to, insert: one.text }, selection: { anchor: from + one.text.length }, userEvent: "input.complete" })
  }
}

function shown(one) {
  const box = document.createElement("div")
  if (one.help) box.append(Object.assign(document.createElement("p"), { textContent: one.help }))
  if (one.example) {
    const example = document.createElement("p")
    example.className = "example"
    example.textContent = one.example
    box.append(example)
  }
  return box
}

export function completing(wire) {
  async function source(context) {
    const before = context.matchBefore(/[\p{L}\p{N}’'_(«]+/u)
    if (!before && !context.explicit) return null
    let answer
    try { answer = await wire.ask("complete", context.state, { offset: context.pos }) } catch { return null }
    if (context.aborted || !answer.items.length) return null
    const from = Math.min(...answer.items.map(one => one.start))
    // Under what they are for, in the order the server gives.
    const sections = new Map()
    for (const { intention: name } of answer.items) if (name && !sections.has(name)) sections.set(name, { name, rank: sections.size })
    return {
      from, filter: false,
      options: answer.items.map(one => ({
        label: one.label, detail: one.kind === "nom" ? one.detail : one.kind, type: one.kind,
        section: sections.get(one.intention),
        info: one.help ? () => shown(one) : undefined,
        apply: view => insert(view, one, one.start, Math.max(one.end, context.pos)),
      })),
    }
  }
  return autocompletion({ override: [source], icons: false, maxRenderedOptions: 60, activateOnTypingDelay: 120 })
}
