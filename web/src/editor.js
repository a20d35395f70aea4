// The editor of scripts and of messages, in place of a textarea of a form: what is typed is always in that textarea,
// so that the form posts it, with this script or without.
import { closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete"
import { defaultKeymap, history, historyKeymap, indentLess, indentMore, temporarilySetTabFocusMode, toggleComment } from "@codemirror/commands"
import { bracketMatching, indentService, indentUnit } from "@codemirror/language"
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search"
import { Compartment, EditorState } from "@codemirror/state"
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, tooltips } from "@codemirror/view"
import { colours, fold } from "./colours.js"
import { completing, insert } from "./completing.js"
import { base, look } from "./look.js"
import { written } from "./message.js"
import { hovering, renaming } from "./pointing.js"
import { checking, nextRemark, remarks } from "./remarks.js"
import { publishing, saving, sending } from "./saving.js"
import { Wire } from "./wire.js"

const FRENCH = EditorState.phrases.of({
  "Control character": "Caractère de contrôle", "Selection deleted": "Sélection effacée", "Find": "Chercher",
  "next": "suivant", "previous": "précédent", "all": "tout", "match case": "respecter la casse",
  "regexp": "expression régulière", "by word": "mot entier", "Replace": "Remplacer", "replace": "remplacer",
  "replace all": "tout remplacer", "close": "fermer", "Go to line": "Aller à la ligne", "go": "aller",
  "Completions": "Propositions", "current match": "trouvé ici", "on line": "à la ligne",
  "replaced match on line $": "remplacé à la ligne $", "replaced $ matches": "$ remplacements",
})

// « is typed with its other half and the spaces between, which nobody has to know.
const quoting = EditorView.inputHandler.of((view, from, to, text) => {
  const after = view.state.sliceDoc(to, to + 2)
  if (text === "»" && from === to && after === "\u00a0»") {
    view.dispatch({ selection: { anchor: to + 2 }, userEvent: "input.type" })
    return true
  }
  const line = view.state.doc.lineAt(from)
  const before = line.text.slice(0, from - line.from)
  const open = (before.match(/«/gu) ?? []).length > (before.match(/»/gu) ?? []).length
  if ((text !== "«" && text !== '"') || open || before.trimStart().startsWith("#")) return false
  const held = view.state.sliceDoc(from, to)
  view.dispatch({
    changes: { from, to, insert: `«\u00a0${held}\u00a0»` }, selection: { anchor: from + 2 + held.length }, userEvent: "input.type",
  })
  return true
})

// A line after what opens a block stands further in. « Attendre pendant 2 heures » opens none: « attendre » does with
// how long it may last, and « attendre que » is another construct.
function indenting(words) {
  const leading = words.leading.map(fold)
  const further = new Set([...words.opening, ...words.parting].map(fold))
  const bounded = new Map(Object.entries(words.bounded).map(([one, bounds]) => [fold(one), bounds.map(fold)]))
  return indentService.of((context, at) => {
    const line = context.lineAt(at, -1)
    const text = fold(line.text.trim())
    const own = /^\s*/u.exec(line.text)[0].length
    const begun = leading.find(one => text === one || text.startsWith(one + " "))
    const bounds = text === begun ? null : bounded.get(begun)
    const opens = further.has(begun) && (!bounds || bounds.some(one => ` ${text} `.includes(` ${one} `)))
    return own + (opens && !/^(?:liste|conversion)/u.test(text) ? 2 : 0)
  })
}

// What stands over the text, above and below: a line that is shown is shown between them.
const tall = name => document.querySelector(name)?.offsetHeight ?? 0
const covered = [
  EditorView.scrollMargins.of(() => ({ top: tall(".script-bar") + 10, bottom: tall("body > .phone") + 14 })),
  tooltips({
    tooltipSpace: () => ({
      left: 0, top: tall(".script-bar"), right: document.documentElement.clientWidth, bottom: innerHeight - tall("body > .phone"),
    }),
  }),
]

function publish() {
  const button = document.querySelector("[data-publish]")
  button?.click()
  return Boolean(button)
}

export async function mount(textarea, options = {}) {
  const wire = new Wire(textarea.dataset.file, textarea.dataset.renames)
  const nonce = document.querySelector("meta[name=csp-nonce]")?.content
  const told = said => textarea.dispatchEvent(new CustomEvent("relance:said", { bubbles: true, detail: said }))
  const place = document.createElement("div")
  place.className = "editor"
  const message = textarea.dataset.editor === "message"
  const words = message ? { words: [] } : await wire.words().catch(() => null)
  if (!words) return null
  const name = textarea.getAttribute("aria-label") ?? textarea.labels?.[0]?.textContent ?? "Script"
  const help = message ? "Échap puis Tab : quitter l’éditeur." : "F8 : remarque suivante. F2 : renommer. Ctrl et Espace : propositions. Échap puis Tab : quitter l’éditeur."
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        nonce ? EditorView.cspNonce.of(nonce) : [],
        FRENCH,
        EditorView.contentAttributes.of({ "aria-label": name.trim(), "aria-description": help, lang: "fr", spellcheck: "true", autocapitalize: "off" }),
        lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(), dropCursor(),
        message ? [] : quoting, closeBrackets(), bracketMatching(), highlightSelectionMatches(), search({ top: true }),
        EditorView.lineWrapping, covered, indentUnit.of("  "), EditorState.tabSize.of(4),
        textarea.readOnly ? [EditorState.readOnly.of(true)] : [],
        base,
        message ? written(textarea) : [
          ...colours(words.words), indenting(words.words), look,
          remarks, checking(wire, told), completing(wire), hovering(wire), renaming(wire),
        ],
        keymap.of([
          { key: "Mod-Enter", run: publish },
          { key: "F8", run: nextRemark, shift: view => nextRemark(view, true) },
          { key: "Tab", run: indentMore, shift: indentLess },
          ...(message ? [] : [
            { key: "Alt-Shift-f", run: view => { format(view, wire); return true } },
            { key: "Mod-/", run: toggleComment },
          ]),
          ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap,
          { key: "Escape", run: temporarilySetTabFocusMode },
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of(update => {
          if (update.docChanged) {
            textarea.value = update.state.doc.toString()
            textarea.dispatchEvent(new Event("input", { bubbles: true }))
          }
          if (update.docChanged || update.selectionSet) {
            const line = update.state.doc.lineAt(update.state.selection.main.head).number
            textarea.dispatchEvent(new CustomEvent("relance:caret", { bubbles: true, detail: { line } }))
          }
        }),
      ],
    }),
  })
  textarea.hidden = true
  textarea.before(place)
  place.addEventListener("relance:remark", event => told({ remark: event.detail }))
  const api = {
    view, words, wire,
    insert: one => { insert(view, one, view.state.selection.main.from, view.state.selection.main.to); view.focus() },
    // Where it is asked for may be out of view: the proposals open where one sees them.
    propose: () => {
      view.focus()
      view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head, { y: "nearest", yMargin: 60 }) })
      startCompletion(view)
    },
    format: () => format(view, wire),
    next: back => nextRemark(view, back),
    // Light a line from elsewhere: a node of the tree.
    show: (number, y = "center") => {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines))
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y }) })
    },
    // Text that came from elsewhere: a merge, another version. What did not change stays as it is.
    replace: text => {
      const now = view.state.doc.toString()
      let start = 0
      while (start < now.length && start < text.length && now[start] === text[start]) start++
      let end = 0
      while (end < now.length - start && end < text.length - start && now.at(-1 - end) === text.at(-1 - end)) end++
      view.dispatch({ changes: { from: start, to: now.length - end, insert: text.slice(start, text.length - end) } })
    },
    // The plain text field again, for who would rather have it.
    unmount: () => { view.destroy(); place.remove(); textarea.hidden = false; textarea.relanceEditor = null },
  }
  textarea.relanceEditor = api
  textarea.dispatchEvent(new Event("relance:ready"))
  return api
}

async function format(view, wire) {
  const doc = view.state.doc
  try {
    const answer = await wire.ask("format", view.state)
    if (view.state.doc !== doc) return
    const changes = answer.edits.map(one => ({ from: one.start, to: one.end, insert: one.text }))
    if (changes.length) view.dispatch({ changes, userEvent: "input.format" })
  } catch { /* the remark of the next check says that the server does not answer */ }
}

// What the last check found, in words.
function tell(foot, said) {
  foot.classList.toggle("lost", Boolean(said.lost || said.signedOut))
  if (said.signedOut) foot.textContent = "Votre session est finie : ce que vous écrivez reste ici, les remarques attendent."
  else if (said.lost) foot.textContent = "Le serveur ne répond pas : ce que vous écrivez reste ici, les remarques attendent."
  else if (said.remark) foot.textContent = said.remark
  else if (said.diagnostics) {
    const errors = said.diagnostics.filter(one => one.severity === "erreur").length
    const rest = said.diagnostics.length - errors
    const counted = (count, word) => `${count} ${word}${count > 1 ? "s" : ""}`
    const parts = [errors && counted(errors, "erreur"), rest && counted(rest, "avertissement")].filter(Boolean)
    foot.textContent = parts.join(", ") || "Rien à redire"
  }
}

// Every textarea marked so becomes an editor, with the row of tools that stands above it.
export async function mountAll(root = document) {
  for (const textarea of root.querySelectorAll("textarea[data-editor]")) {
    if (textarea.relanceEditor || textarea.dataset.mounting) continue
    textarea.dataset.mounting = "1"
    const state = document.getElementById("script-state")
    if (textarea.form?.dataset.page && state) sending(textarea.form, state)
    const link = document.querySelector("a[data-publish]")
    if (textarea.form?.hasAttribute("data-autosave") && state) {
      const saves = saving(textarea.form, textarea, state)
      if (link) publishing(link, saves)
    }
    textarea.addEventListener("keydown", event => {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && publish()) event.preventDefault()
    })
    const foot = document.getElementById(textarea.dataset.remarks ?? "")
    if (foot) textarea.addEventListener("relance:said", event => tell(foot, event.detail))
    const editor = await mount(textarea)
    delete textarea.dataset.mounting
    // « #l12 »: the page that led here speaks of that line.
    const line = /^#l(\d{1,6})$/u.exec(location.hash)?.[1]
    if (line && editor) { editor.show(Number(line)); editor.view.focus() }
    else if (editor && textarea.dataset.begins) editor.show(Number(textarea.dataset.begins), "start")
    const tools = document.getElementById(textarea.dataset.tools ?? "")
    if (!tools || !editor || tools.dataset.ready) continue
    tools.dataset.ready = "1"
    tools.hidden = false
    const on = (action, run) => tools.querySelector(`[data-action=${action}]`)?.addEventListener("click", run)
    on("format", () => textarea.relanceEditor?.format())
    on("propose", () => textarea.relanceEditor?.propose())
    on("next", () => textarea.relanceEditor?.next())
    on("plain", event => {
      const now = textarea.relanceEditor
      event.currentTarget.setAttribute("aria-pressed", String(Boolean(now)))
      if (now) { now.unmount(); textarea.focus() } else mount(textarea)
    })
  }
}

mountAll()
