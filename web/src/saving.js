// Saves the draft at each pause, as the form would, with the text it started from. What somebody else
// saved meanwhile is put with it, or shown: never written over.
import { SignedOut, refused, signingIn } from "./wire.js"

// As every hour of these pages, of the time zone that their foot names, wherever the browser is.
function hour(timeZone) {
  return new Intl.DateTimeFormat("fr-CA", { hour: "numeric", minute: "2-digit", timeZone }).format(new Date())
}

export function saving(form, textarea, state) {
  let timer, running = false, saved = textarea.value, since = null, stopped = false, out = false
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
    if (!out) say("enregistrement…")
    try {
      // Whoever signed in again since has another seal.
      if (since) await renew(form)
      const body = new URLSearchParams(new FormData(form))
      body.set("text", text)
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } })
      // A draft that cannot be read is refused so too, as a problem: it is tried again.
      if (answer.status === 409 && answer.headers.get("content-type").startsWith("application/json")) { clash(); return }
      if (!answer.ok) throw refused(answer)
      const said = await answer.json()
      since = null
      out = false
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
      document.body.dispatchEvent(new Event("relance-saved"))
    } catch (error) {
      since ??= hour(form.dataset.zone)
      const ended = error instanceof SignedOut
      // Said once: whoever goes to the link by keyboard must find it still there.
      if (!(out && ended)) kept(form, state, `non enregistré depuis ${since}`, ended)
      out = ended
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
  form.addEventListener("relance:sent", () => { stopped = true; clearTimeout(timer) })

  return {
    waits: () => textarea.value !== saved,
    // At once, without waiting for the pause; whether it is saved.
    async now() {
      clearTimeout(timer)
      while (running) await new Promise(done => setTimeout(done, 30))
      if (!stopped) await save()
      return textarea.value === saved
    },
  }
}

// What is published is what is on screen: what is not saved yet is, before the question is asked.
export function publishing(link, saves) {
  let ready = false
  link.addEventListener("click", async event => {
    if (ready || !saves.waits()) { ready = false; return }
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!await saves.now()) return
    ready = true
    link.click()
  }, true)
}

// The form takes the seal of whoever is signed in now, on this tab or on another.
async function renew(form) {
  const answer = await fetch(form.dataset.page, { headers: { accept: "application/json" } })
  if (!answer.ok) throw refused(answer)
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  form.elements.sceau.value = page.querySelector(".script-form [name=sceau]").value
}

// Sends the form only once somebody is signed in: a page that asks for a password would take the text's place.
export function sending(form, state) {
  let renewed = false
  form.addEventListener("submit", async event => {
    if (renewed) return
    event.preventDefault()
    const { submitter } = event
    try {
      await renew(form)
      form.dispatchEvent(new Event("relance:sent"))
      renewed = true
      // By the button that was pressed: one of them may lead elsewhere.
      form.requestSubmit(submitter)
    } catch (error) {
      kept(form, state, "non enregistré", error instanceof SignedOut)
    }
  })
}

// Says why nothing is saved, that nothing is lost, and where to sign in when that is what is asked.
function kept(form, state, what, ended) {
  state.className = "quiet lost"
  state.textContent = `${what} : ${ended ? "votre session est finie" : "la connexion est perdue"}, ce que vous écrivez reste ici. `
  if (ended) state.append(signingIn(form.dataset.page))
}
