// A script and its tree, side by side: the place one is at in either is lit in the other, and the tree
// is drawn again, at each pause, of what is on screen. Without this, each save draws it.
const text = document.getElementById("texte-du-script");
const tree = document.getElementById("dessin");
const pane = document.getElementById("parcours");
const PAUSE = 400;

const indent = (row) => row.match(/^\s*/)[0].length;
// What ends or parts a block is of the line that opens it.
const closes = (row) => /^\s*(?:fin|sinon)(?![\p{L}])/iu.test(row);

// The node of a line: its own, or that of the line it stands under.
const nodeOf = (line) => {
  const rows = text.value.split("\n");
  const at = (number) => tree.querySelector(`[data-line="${number}"]`);
  const row = rows[line - 1] ?? "";
  if (!row.trim() || at(line)) return at(line);
  let depth = indent(row) + (closes(row) ? 1 : 0);
  for (let above = line - 1; above > 0; above -= 1) {
    const other = rows[above - 1];
    if (!other.trim() || indent(other) >= depth) continue;
    if (at(above)) return at(above);
    depth = indent(other);
  }
  return null;
};

let here = 0;
const light = () => {
  const node = here ? nodeOf(here) : null;
  for (const one of tree.querySelectorAll(".lit")) {
    if (one === node) continue;
    one.classList.remove("lit");
    one.removeAttribute("aria-current");
  }
  node?.classList.add("lit");
  node?.setAttribute("aria-current", "true");
  return node;
};

// Within its own pane: the page stays where the text is.
const reveal = (node) => {
  const box = pane.getBoundingClientRect();
  const row = node.querySelector(".r").getBoundingClientRect();
  const top = box.top + pane.querySelector("header").offsetHeight + 8;
  const bottom = Math.min(box.bottom, innerHeight) - 8;
  if (row.top < top) pane.scrollTop -= top - row.top + 30;
  else if (row.bottom > bottom) pane.scrollTop += row.bottom - bottom + 30;
};

const caret = (line) => {
  if (line === here) return;
  here = line;
  const node = light();
  if (node) reveal(node);
};

text.addEventListener("relance:caret", (event) => caret(event.detail.line));
for (const kind of ["keyup", "click"]) {
  text.addEventListener(kind, () => caret(text.value.slice(0, text.selectionStart).split("\n").length));
}

// The line of a node: in the editor, or in the plain field; there to write only when that is asked.
const show = (line, enter) => {
  const editor = text.relanceEditor;
  if (editor) {
    editor.show(line);
    if (enter) editor.view.focus();
    return;
  }
  const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.setSelectionRange(start, start);
  if (enter) text.focus();
  caret(line);
};

const lineAt = (target) => Number(target.closest("[data-line]")?.dataset.line);

tree.addEventListener("click", (event) => {
  const link = event.target.closest("a[href='#texte-du-script']");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  // Where there is room for one of them only, it is the script's turn.
  document.getElementById("see-script").checked = true;
  show(lineAt(link), true);
});
// Going through the tree by the keyboard shows each line on the way.
tree.addEventListener("focusin", (event) => {
  const line = event.target.matches(":focus-visible") && lineAt(event.target);
  if (line && line !== here && text.closest(".of-script").offsetParent) show(line, false);
});

// The tree's turn: it opens where one was writing.
document.getElementById("see-tree").addEventListener("change", () => {
  const node = light();
  node?.scrollIntoView({ block: "center" });
});

let timer;
text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(tree, "relance-draft"), PAUSE);
});
document.body.addEventListener("htmx:after:swap", light);
