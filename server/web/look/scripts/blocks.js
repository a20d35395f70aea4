// A script arranged from its tree: blocks are added, moved, led elsewhere and taken away there, and each of
// these is one edit of the text, which the server says, which one sees, and which the editor undoes.
const text = document.getElementById("texte-du-script");
const tree = document.getElementById("dessin");
const said = document.getElementById("block-said");
const TYPE = "application/x-relance-bloc";
const LEAVING = "Le serveur ne répond pas : rien n’est changé.";
const CHANGED = "Le script a changé entre-temps : rien n’est fait, recommencez.";

const say = (words, refused = false) => {
  said.textContent = words;
  said.classList.toggle("wrong", refused);
};

// One edit, that one step back takes away: in the editor, or in the plain field.
const write = (edits, from, to) => {
  const editor = text.relanceEditor;
  if (editor) {
    const changes = edits.map((one) => ({ from: one.start, to: one.end, insert: one.text }));
    editor.view.dispatch({ changes, selection: { anchor: from, head: to }, scrollIntoView: true, userEvent: "input.arrange" });
    return;
  }
  const first = edits[0].start;
  const last = edits.at(-1).end;
  let now = "";
  let at = first;
  for (const one of edits) {
    now += text.value.slice(at, one.start) + one.text;
    at = one.end;
  }
  text.focus();
  text.setSelectionRange(first, last);
  // The one way that the field's own undoing knows of.
  if (!document.execCommand("insertText", false, now)) text.setRangeText(now, first, last, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.setSelectionRange(from, to);
};

const enter = () => (text.relanceEditor?.view ?? text).focus();

const done = {
  ajouter: (found) => `Ajouté : ${found.said}, ${found.where}. À vous de le compléter.`,
  retirer: () => "Retiré du script.",
  mener: (found) => `Écrit : ${found.said}.`,
};
const moved = (found) => `${found.said} : déplacé ${found.where}.`;

// The lines that the tree says are those of the text it was drawn of: until it follows what was just
// written, nothing is ordered by them.
let drawn = text.value;
let sent = drawn;
tree.addEventListener("relance-draft", () => {
  sent = text.value;
});
document.body.addEventListener("htmx:after:swap", () => {
  drawn = sent;
});
const LATE = "L’arbre se redessine : recommencez dans un instant.";
const followed = async () => {
  for (let tries = 0; text.value !== drawn && tries < 30; tries += 1) {
    await new Promise((done) => {
      setTimeout(done, 100);
    });
  }
  return text.value === drawn;
};

let landing = 0;
const arrange = async (given) => {
  const before = text.value;
  if (before !== drawn) {
    say(LATE, true);
    return;
  }
  let found;
  try {
    const answer = await fetch("/api/v1/language/arrange", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ file: text.dataset.file, text: before, page: true, ...given }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    found = await answer.json();
  } catch {
    say(LEAVING, true);
    return;
  }
  if (text.value !== before) {
    say(CHANGED, true);
    return;
  }
  if (found.refusal || !found.edits.length) {
    say(found.refusal ?? "Rien n’est changé.", true);
    return;
  }
  const adds = given.order === "ajouter";
  // Where there is room for one of them only, what is to be filled in is shown.
  if (adds) document.getElementById("see-script").checked = true;
  write(found.edits, found.stop.start, found.stop.end);
  const note = found.note ? `${found.note} ` : "";
  say(`${(done[given.order] ?? moved)(found)} ${note}Ctrl + Z dans le script l’annule.`);
  if (adds) enter();
  else landing = found.line;
};

// The tree drawn again: one goes on from the block that was moved.
document.body.addEventListener("htmx:after:swap", () => {
  if (!landing) return;
  const row = tree.querySelector(`[data-block="${landing}"]`);
  if (!row) return;
  landing = 0;
  if (document.activeElement === document.body || tree.contains(document.activeElement)) row.querySelector(".knob:not(.end, .plus)")?.focus();
  row.scrollIntoView({ block: "nearest" });
});

// What may be done there, asked of the text that is on screen.
const ask = async (pressed) => {
  const name = pressed.getAttribute("aria-label");
  const late = text.value !== drawn;
  const fresh = await followed();
  const link = late ? tree.querySelector(`a[data-blocks][aria-label="${CSS.escape(name)}"]`) : pressed;
  if (!fresh || !link) {
    say(LATE, true);
    return;
  }
  const given = new FormData();
  for (const [name, value] of new URL(link.href).searchParams) given.set(name, value);
  given.set("text", text.value);
  given.set("sceau", text.form.elements.sceau.value);
  try {
    const answer = await fetch(new URL(link.href).pathname, { method: "POST", body: given, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(page.querySelector(".sheet"), link);
  } catch {
    say("Rien ne peut être fait ici pour le moment : corrigez d’abord ce que l’éditeur souligne, ou réessayez.", true);
  }
};

const show = (sheet, link) => {
  const dialog = document.createElement("dialog");
  const heading = sheet.querySelector("h1");
  heading.id = "asked";
  heading.tabIndex = -1;
  dialog.className = "wide";
  dialog.setAttribute("aria-labelledby", "asked");
  for (const away of sheet.querySelectorAll("[data-cancel]")) away.setAttribute("data-close", "");
  dialog.append(...sheet.childNodes);
  const narrowing = dialog.querySelector("[data-narrowing]");
  if (narrowing) narrow(dialog, narrowing);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "done" && link.isConnected) link.focus();
  });
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(event.target, event.submitter);
    const order = given.get("ordre");
    const to = { deplacer: given.get("place"), mener: given.get("etape") }[order] ?? "";
    dialog.close("done");
    arrange({ order, at: given.get("a"), to, phrase: (given.get("phrase") ?? "").replaceAll("\r\n", "\n") });
  });
  document.body.append(dialog);
  dialog.showModal();
  (dialog.querySelector("[data-first]") ?? heading).focus();
};

const folded = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("\u00a0", " ").toLowerCase();

// The phrases that hold what is typed; Enter takes the first of them.
const narrow = (dialog, field) => {
  field.hidden = false;
  const input = field.querySelector("input");
  const phrases = [...dialog.querySelectorAll(".phrase")];
  input.addEventListener("input", () => {
    const words = folded(input.value).split(" ").filter(Boolean);
    for (const one of phrases) {
      const held = folded(one.textContent);
      one.parentElement.hidden = !words.every((word) => held.includes(word));
    }
    for (const group of dialog.querySelectorAll(".phrases")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    phrases.find((one) => !one.parentElement.hidden)?.click();
  });
};

tree.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-blocks]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  ask(link);
});

// Alt and the arrows move the block one is on.
tree.addEventListener("keydown", (event) => {
  const order = { ArrowUp: "monter", ArrowDown: "descendre" }[event.key];
  const row = event.target.closest("[data-block]");
  if (!order || !row || !event.altKey) return;
  event.preventDefault();
  arrange({ order, at: row.dataset.block });
});

// What is dragged: a block, or the end of a jump.
let held = null;
const target = (event) => {
  if (!held) return null;
  const place = event.target.closest(held.end ? "[data-block]" : "[data-place]");
  return !place || held.node.contains(place) ? null : place;
};
const mark = (place) => {
  for (const one of tree.querySelectorAll(".drop")) one.classList.remove("drop");
  place?.classList.add("drop");
};

tree.addEventListener("dragstart", (event) => {
  const row = event.target.closest("[data-block]");
  if (!row) return;
  const end = Boolean(event.target.closest(".end"));
  held = { line: row.dataset.block, end, node: row.closest(".n") };
  event.dataTransfer.setData(TYPE, held.line);
  event.dataTransfer.effectAllowed = "move";
  // Once the browser has drawn what is dragged.
  setTimeout(() => {
    tree.classList.toggle("dragging", Boolean(held) && !end);
    tree.classList.toggle("leading", Boolean(held) && end);
    held?.node.classList.add("held");
  });
});
tree.addEventListener("dragover", (event) => {
  const place = target(event);
  mark(place);
  if (!place) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
});
tree.addEventListener("drop", (event) => {
  const place = target(event);
  if (!place) return;
  event.preventDefault();
  if (held.end) arrange({ order: "mener", at: held.line, to: place.dataset.block });
  else arrange({ order: "deplacer", at: held.line, to: place.dataset.place });
});
tree.addEventListener("dragend", () => {
  held?.node.classList.remove("held");
  held = null;
  mark(null);
  tree.classList.remove("dragging", "leading");
});
