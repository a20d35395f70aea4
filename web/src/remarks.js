// Remarks: under their line, each with what mends it at a touch. An answer about a former text is dropped.
import { Facet, StateEffect, StateField } from "@codemirror/state"
import { Decoration, EditorView, GutterMarker, ViewPlugin, WidgetType, gutter, showPanel } from "@codemirror/view"
import { SignedOut } from "./wire.js"

export const found = StateEffect.define()

class Remark extends WidgetType {
  constructor(one) { super(); this.one = one; this.key = JSON.stringify([one.code, one.message, one.fixes.map(f => f.text)]) }
  eq(other) { return other.key === this.key && other.one.from === this.one.from }
  get estimatedHeight() { return 76 }
  ignoreEvent() { return true }

  toDOM(view) {
    const box = document.createElement("div")
    const error = this.one.severity === "erreur"
    box.className = error ? "remark remark-error" : "remark"
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", `${error ? "Erreur" : "Avertissement"}, ligne ${this.one.start.line}`)
    box.contentEditable = "false"
    const text = document.createElement("p")
    text.textContent = this.one.message
    box.append(text)
    const row = document.createElement("p")
    row.className = "remark-row"
    for (const fix of this.one.fixes) {
      const button = document.createElement("button")
      button.type = "button"
      button.className = "button small"
      button.textContent = fix.text.trim() ? `Écrire « ${fix.text.trim()} »` : "Retirer ces mots"
      button.addEventListener("click", () => mend(view, this.one, fix))
      row.append(button)
    }
    const code = document.createElement("span")
    code.className = "remark-code"
    code.textContent = this.one.code
    row.append(code)
    box.append(row)
    return box
  }
}

// The places of a remark follow the text as it changes; so do those of its fixes.
function mapped(one, changes) {
  const at = (place, side) => ({ ...place, utf16_offset: changes.mapPos(place.utf16_offset, side) })
  return {
    ...one, from: changes.mapPos(one.from, 1), to: changes.mapPos(one.to, -1),
    fixes: one.fixes.map(f => ({ ...f, start: at(f.start, 1), end: at(f.end, -1) })),
  }
}

function mend(view, one, fix) {
  const now = view.state.field(remarks).list.find(other => other.code === one.code && other.message === one.message && other.id === one.id)
  const same = now && now.fixes.find(other => other.text === fix.text)
  if (!same) return
  const from = same.start.utf16_offset, to = Math.max(from, same.end.utf16_offset)
  view.dispatch({
    changes: { from, to, insert: fix.text }, selection: { anchor: from + fix.text.length },
    userEvent: "input.fix", scrollIntoView: true,
  })
  view.focus()
}

function drawn(list, doc) {
  const marks = []
  for (const one of list) {
    const from = Math.min(one.from, doc.length), to = Math.min(Math.max(one.to, from), doc.length)
    const error = one.severity === "erreur"
    if (to > from) marks.push(Decoration.mark({ class: error ? "wrong" : "doubtful" }).range(from, to))
    const line = doc.lineAt(to > from ? to : from)
    marks.push(Decoration.widget({ widget: new Remark(one), block: true, side: 1 }).range(line.to))
  }
  return Decoration.set(marks, true)
}

export const remarks = StateField.define({
  create: () => ({ list: [], drawn: Decoration.none }),
  update(value, transaction) {
    let { list, drawn: shown } = value
    if (transaction.docChanged) {
      list = list.map(one => mapped(one, transaction.changes))
      shown = shown.map(transaction.changes)
    }
    for (const effect of transaction.effects) {
      if (effect.is(found)) {
        list = effect.value.map((one, id) => ({ ...one, id, from: one.start.utf16_offset, to: one.end.utf16_offset }))
        shown = drawn(list, transaction.state.doc)
      }
    }
    return list === value.list && shown === value.drawn ? value : { list, drawn: shown }
  },
  provide: field => EditorView.decorations.from(field, value => value.drawn),
})

export function nextRemark(view, back = false) {
  const { list } = view.state.field(remarks)
  if (!list.length) return false
  const here = view.state.selection.main.head
  const sorted = [...list].sort((a, b) => a.from - b.from)
  const next = back
    ? sorted.filter(one => one.from < here).at(-1) ?? sorted.at(-1)
    : sorted.find(one => one.from > here) ?? sorted[0]
  view.dispatch({ selection: { anchor: next.from, head: Math.max(next.from, next.to) }, effects: EditorView.scrollIntoView(next.from, { y: "center" }) })
  view.contentDOM.dispatchEvent(new CustomEvent("relance:remark", { bubbles: true, detail: next.message }))
  return true
}

// What is said of a line that somebody is still writing waits for its end: the caret elsewhere, or no key for a while.
const UNFINISHED = 1200

// The number of the line whose end is being typed; nothing when none is.
function written(state) {
  const { head, empty } = state.selection.main
  const line = state.doc.lineAt(head)
  return empty && !line.text.slice(head - line.from).trim() ? line.number : 0
}

// Asks about the text a quarter of a second after the last key; `told` hears what is found.
export function checking(wire, told) {
  return ViewPlugin.fromClass(class {
    constructor(view) { this.view = view; this.turn = 0; this.typed = 0; this.held = null; this.check(0) }
    update(update) {
      if (update.docChanged) {
        const types = update.transactions.some(one => one.isUserEvent("input.type") || one.isUserEvent("delete"))
        this.typed = types ? written(update.state) : 0
        this.check(250)
      } else if (update.selectionSet && written(update.state) !== this.typed) {
        this.typed = 0
        if (this.held) queueMicrotask(() => this.show(this.turn))
      }
    }
    destroy() { clearTimeout(this.timer); clearTimeout(this.wait); this.turn++ }
    check(delay) {
      clearTimeout(this.timer)
      clearTimeout(this.wait)
      this.held = null
      const turn = ++this.turn
      this.timer = setTimeout(() => this.ask(turn), delay)
    }
    // Whether it is new, and of the line being typed: a remark that is there already stays, or goes.
    waits(one) {
      const known = this.view.state.field(remarks).list
      return one.start.line === this.typed && !known.some(each => this.view.state.doc.lineAt(Math.min(each.from, this.view.state.doc.length)).number === this.typed)
    }
    async ask(turn) {
      try {
        const answer = await wire.ask("check", this.view.state, { page: true })
        if (turn !== this.turn) return
        this.held = answer.diagnostics
        const now = answer.diagnostics.filter(one => !this.waits(one))
        if (now.length === answer.diagnostics.length) return this.show(turn)
        this.view.dispatch({ effects: found.of(now) })
        this.wait = setTimeout(() => this.show(turn), UNFINISHED)
      } catch (error) {
        if (turn !== this.turn) return
        told(error instanceof SignedOut ? { signedOut: true } : { lost: true })
        this.check(3000)
      }
    }
    show(turn) {
      if (turn !== this.turn || !this.held) return
      const diagnostics = this.held
      this.held = null
      clearTimeout(this.wait)
      this.view.dispatch({ effects: found.of(diagnostics) })
      told({ diagnostics })
    }
  })
}
