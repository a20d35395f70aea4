// What may be written in a condition typed alone, proposed below its field by the same service as in the
// editor of scripts: its phrases, then the names that fit. Without this, the field is as any other.
const PATH = "/api/v1/language/complete";
const PAUSE = 150;
const MOST = 40;

const proposing = (field) => {
  const { phrases: file, before } = field.dataset;
  const list = document.createElement("ul");
  list.id = `${field.id}-propositions`;
  list.className = "proposals";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Propositions");
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let items = [];
  let at = 0;
  let turn = 0;
  let timer;

  const close = () => {
    turn += 1;
    clearTimeout(timer);
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };

  const choose = (number) => {
    at = (number + items.length) % items.length;
    for (const [rank, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(rank === at));
    field.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };

  const shown = (one, rank) => {
    const line = document.createElement("li");
    line.id = `${list.id}-${rank}`;
    line.setAttribute("role", "option");
    line.append(one.label);
    const beside = one.help || (one.kind === "nom" ? one.detail : "");
    if (beside) line.append(Object.assign(document.createElement("small"), { textContent: beside }));
    return line;
  };

  const ask = async () => {
    const mine = ++turn;
    const offset = before.length + field.selectionStart;
    const text = before + field.value.replaceAll("\n", " ");
    try {
      const answer = await fetch(PATH, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ file, text, offset }),
      });
      if (!answer.ok) return;
      const found = await answer.json();
      if (mine !== turn || document.activeElement !== field) return;
      items = found.items.slice(0, MOST);
    } catch {
      return; // the field is as any other
    }
    if (!items.length) {
      close();
      return;
    }
    list.replaceChildren(...items.map(shown));
    list.hidden = false;
    choose(0);
  };

  // Where a phrase has something to fill in, that is what one writes next.
  const write = (one) => {
    const from = Math.max(one.start - before.length, 0);
    const to = Math.max(one.end - before.length, field.selectionStart);
    close();
    field.setRangeText(one.text, from, to, "end");
    const [stop] = one.stops;
    if (stop) field.setSelectionRange(from + stop[0], from + stop[1]);
    field.focus();
    if (stop) ask();
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    turn += 1;
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask();
    } else if (!list.hidden && !event.isComposing) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) choose(at + by);
      else if (event.key === "Enter") write(items[at]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  });
  // Pressed, not clicked: the field keeps the focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const line = event.target.closest("li");
    if (line) write(items[[...list.children].indexOf(line)]);
  });
};

for (const field of document.querySelectorAll("textarea[data-phrases]")) proposing(field);
