// Questions to the language service: the text being typed goes with each, and an answer to a former
// text is dropped.
const PATH = "/api/v1/language/"

export class Wire {
  constructor(file) { this.file = file; this.asked = 0 }

  async words() {
    const answer = await fetch(PATH + "words", { headers: { accept: "application/json" } })
    if (!answer.ok) throw new Error(String(answer.status))
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
    if (!answer.ok) throw new Error(String(answer.status))
    return answer.json()
  }
}
