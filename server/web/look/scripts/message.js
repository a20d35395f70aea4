// A message as it is typed: shown again at each pause, as one looks at it. Without this, each save shows it.
const form = document.getElementById("message-form");
const frame = document.getElementById("page-apercu");
const around = document.getElementById("autour");
const state = document.getElementById("apercu-etat");
const text = document.getElementById("texte");

const seen = () => {
  const asked = new URLSearchParams(location.search);
  for (const one of document.querySelectorAll("[data-seen][aria-current]")) asked.set(one.dataset.seen, one.dataset.value);
  return asked;
};

// Put in the place of what the frame shows, so that going back leaves the page.
const show = () => {
  if (!frame?.dataset.mark) return;
  const asked = seen();
  asked.delete("lead");
  frame.contentWindow.location.replace(`/apercu/${frame.dataset.mark}?${asked}`);
};

const remarks = () => {
  const list = [...document.querySelectorAll("[data-checks] > li")]
    .filter((one) => one.dataset.kind !== "good" && Number(one.dataset.line))
    .map((one) => ({ line: Number(one.dataset.line), message: one.dataset.words, bad: one.dataset.kind === "bad" }));
  text?.dispatchEvent(new CustomEvent("relance:checks", { detail: list }));
};

let turn = 0;
const look = async () => {
  const mine = ++turn;
  const body = new URLSearchParams({ sceau: form.elements.sceau.value, text: text.value });
  try {
    const answer = await fetch(`${form.dataset.look}?${seen()}`, { method: "POST", body, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    if (mine !== turn) return;
    state.textContent = "";
    around.innerHTML = found.around;
    if (found.mark) {
      frame.dataset.mark = found.mark;
      show();
    } else {
      state.textContent = "l’aperçu est celui d’avant la faute";
    }
    remarks();
  } catch {
    if (mine === turn) state.textContent = "l’aperçu ne suit plus : le serveur ne répond pas";
  }
};

let timer;
if (form?.dataset.look) {
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 400);
  });
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-seen]");
  if (choice && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    for (const one of document.querySelectorAll(`[data-seen="${choice.dataset.seen}"]`)) one.removeAttribute("aria-current");
    choice.setAttribute("aria-current", "true");
    history.replaceState(null, "", `?${seen()}`);
    if (choice.dataset.seen === "largeur") {
      frame.parentElement.className = `paper w${choice.dataset.value}`;
    } else {
      show();
    }
  }
  const line = event.target.closest("[data-to-line]");
  if (line) {
    event.preventDefault();
    to(Number(line.dataset.toLine));
  }
});

// The line of a remark, in the editor or in the plain field.
const to = (number) => {
  const editor = text.relanceEditor;
  if (editor) {
    editor.show(number);
    editor.view.focus();
    return;
  }
  const before = text.value.split("\n").slice(0, number - 1).join("\n").length;
  const start = number > 1 ? before + 1 : 0;
  text.focus();
  text.setSelectionRange(start, start);
};

text?.addEventListener("relance:ready", remarks);
if (text?.relanceEditor) remarks();
