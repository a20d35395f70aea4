// What a phrase means, what a name is and where else it stands; and its name changed everywhere, looked at first.
import { hoverTooltip, keymap, showPanel } from "@codemirror/view"
import { StateEffect, StateField } from "@codemirror/state"

const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text })

export function hovering(wire) {
  return hoverTooltip(async (view, at) => {
    let answer
    try { answer = await wire.ask("hover", view.state, { offset: at }) } catch { return null }
    const said = answer.hover
    if (!said || said.end > view.state.doc.length) return null
    return {
      pos: said.start, end: said.end, above: true,
      create() {
        const box = element("div", "bubble")
        box.append(element("p", "bubble-title", said.title))
        for (const text of said.paragraphs) box.append(element("p", "", text))
        if (said.example) box.append(element("p", "example", said.example))
        return { dom: box }
      },
    }
  }, { hoverTime: 350 })
}

const opened = StateEffect.define()

// A panel at the foot: the new name, then every line it changes, then the change.
function panel(wire, place) {
  return view => {
    const dom = element("form", "rename")
    const label = element("label", "", "Nouveau nom ")
    const input = Object.assign(element("input", ""), { value: place.name, spellcheck: true, autocomplete: "off", maxLength: 120 })
    label.append(input)
    const preview = element("div", "rename-preview")
    preview.setAttribute("role", "status")
    const apply = Object.assign(element("button", "button first small", "Renommer partout"), { type: "submit", disabled: true })
    const leave = Object.assign(element("button", "button small", "Annuler"), { type: "button" })
    const row = element("p", "rename-row")
    row.append(label, apply, leave)
    dom.append(row, preview)
    let ready = null, turn = 0
    const close = () => { view.dispatch({ effects: opened.of(null) }); view.focus() }
    async function look() {
      const mine = ++turn
      ready = null
      apply.disabled = true
      const name = input.value
      if (name.trim() === place.name) { preview.textContent = `Écrit ${place.places.length} fois.`; return }
      try {
        const answer = await wire.ask("rename", view.state, { offset: place.start, name })
        if (mine !== turn) return
        if (answer.refusal) { preview.textContent = answer.refusal; return }
        ready = answer
        apply.disabled = false
        preview.replaceChildren(...listed(answer))
      } catch { preview.textContent = "Le serveur ne répond pas : rien n’est changé." }
    }
    input.addEventListener("input", look)
    dom.addEventListener("keydown", event => { if (event.key === "Escape") { event.preventDefault(); close() } })
    leave.addEventListener("click", close)
    dom.addEventListener("submit", async event => {
      event.preventDefault()
      if (!ready) await look()
      if (!ready) return
      const change = ready
      const own = ready.edits.filter(one => one.file === wire.file)
      const others = ready.edits.filter(one => one.file !== wire.file)
      const doc = view.state.doc
      // The other files first: this script still says the former name if they cannot be changed.
      if (others.length) {
        apply.disabled = true
        const refusal = await wire.renameElsewhere(view.state, place.start, change.name)
        if (refusal) { preview.textContent = refusal; return }
        if (view.state.doc !== doc) { preview.textContent = "Le texte a changé entre-temps : renommez de nouveau."; return }
      }
      view.dispatch({ changes: own.map(one => ({ from: one.start, to: one.end, insert: one.text })), userEvent: "input.rename" })
      close()
    })
    look()
    return { dom, mount() { input.focus(); input.select() } }
  }
}

function listed(answer) {
  const files = new Map()
  for (const one of answer.edits) files.set(one.file, [...(files.get(one.file) ?? []), one.line])
  const list = element("ul", "")
  for (const [file, lines] of files) {
    const numbers = [...new Set(lines)]
    list.append(element("li", "", `${file}, ligne${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`))
  }
  return answer.caution ? [list, element("p", "rename-caution", answer.caution)] : [list]
}

export function renaming(wire) {
  const field = StateField.define({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(opened)) return effect.value
      return transaction.docChanged ? null : value
    },
    provide: own => showPanel.from(own, change => change && panel(wire, change)),
  })
  const rename = view => {
    wire.ask("name", view.state, { offset: view.state.selection.main.head }).then(answer => {
      if (answer.name) view.dispatch({ effects: opened.of(answer) })
    }, () => {})
    return true
  }
  return [field, keymap.of([{ key: "F2", run: rename }])]
}
