// Saves the draft at each pause, as the form would, with the text it started from. What somebody else
// saved meanwhile is put with it, or shown: never written over.
const hour = () => new Intl.DateTimeFormat("fr-CA", { hour: "numeric", minute: "2-digit" }).format(new Date())

export function saving(form, textarea, state) {
  let timer, running = false, saved = textarea.value, since = null, stopped = false
  const version = form.elements.version
  const say = (text, kind = "") => { state.textContent = text; state.className = `quiet ${kind}` }

  const later = () => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(save, 1000)
  }

  async function save() {
    if (running) { later(); return }
    const text = textarea.value
    if (text === saved) return
    running = true
    say("enregistrement…")
    try {
      const body = new URLSearchParams(new FormData(form))
      body.set("text", text)
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } })
      if (answer.status === 409) { clash(); return }
      if (!answer.ok) throw new Error(String(answer.status))
      const said = await answer.json()
      since = null
      if (said.joined && textarea.value !== text) {
        // Typed meanwhile: what was typed goes on from the former version, and the next save joins both.
        saved = null
        say("enregistré", "kept")
      } else if (said.joined) {
        version.value = said.version
        saved = said.text
        textarea.relanceEditor ? textarea.relanceEditor.replace(said.text) : (textarea.value = said.text)
        say("enregistré, avec ce que quelqu’un d’autre y a changé", "kept")
      } else {
        version.value = said.version
        saved = text
        say("enregistré", "kept")
      }
    } catch {
      since ??= hour()
      say(`non enregistré depuis ${since} : la connexion est perdue, ce que vous écrivez reste ici`, "lost")
      clearTimeout(timer)
      timer = setTimeout(save, 4000)
    } finally { running = false }
    if (textarea.value !== saved && !since && !stopped) later()
  }

  function clash() {
    stopped = true
    say("non enregistré : quelqu’un d’autre a changé les mêmes lignes. « Enregistrer » montre les deux.", "lost")
  }

  textarea.addEventListener("input", later)
  addEventListener("beforeunload", event => { if (textarea.value !== saved && !stopped) event.preventDefault() })
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer) })
}
