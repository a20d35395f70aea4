// Questions to the language service: the text being typed goes with each, and an answer to a former
// text is dropped.
const PATH = "/api/v1/language/"

// The session ended: nobody is lost on the way, and only signing in again helps.
export class SignedOut extends Error {}

// An answer that is not the one asked for, as an error.
export const refused = answer => answer.status === 401 ? new SignedOut() : new Error(String(answer.status))

// Signing in beside what is being written, which must stay; then on `page`, over there.
export function signingIn(page) {
  const link = document.createElement("a")
  link.href = `/connexion?suite=${encodeURIComponent(page)}`
  link.target = "_blank"
  link.rel = "noopener"
  link.textContent = "Se connecter dans un autre onglet"
  return link
}

export class Wire {
  constructor(file, renames = "") { this.file = file; this.renames = renames; this.asked = 0 }

  // Why a name cannot be changed in the other files; nothing once it is.
  async renameElsewhere(state, offset, name) {
    if (!this.renames) return "Ce nom est écrit aussi dans d’autres fichiers : ouvrez ce script dans le brouillon pour le renommer."
    try {
      const answer = await fetch(this.renames, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ file: this.file, text: state.doc.toString(), offset, name }),
      })
      if (answer.status === 401) return "Votre session est finie : connectez-vous dans un autre onglet, puis recommencez. Rien n’est changé."
      return answer.ok ? "" : (await answer.json()).refusal ?? "Le serveur a refusé : rien n’est changé."
    } catch { return "Le serveur ne répond pas : rien n’est changé." }
  }

  async words() {
    const answer = await fetch(PATH + "words", { headers: { accept: "application/json" } })
    if (!answer.ok) throw refused(answer)
    return answer.json()
  }

  // Null when the text has changed since, or when the server does not answer.
  async ask(what, state, more = {}) {
    const version = ++this.asked
    const answer = await fetch(PATH + what, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ file: this.file, text: state.doc.toString(), version, ...more }),
    })
    if (!answer.ok) throw refused(answer)
    return answer.json()
  }
}
