// A condition typed alone is helped in its field as a script is in the editor, by the same service: what
// may be written there is proposed below, what is to be corrected is said under it with what mends it, and
// what a phrase means is said of the one that is pointed at. Without this, the field is as any other.
const PAUSE = 150;
const CHECKED = 350;
const POINTED = 350;

// What the service answers of a field; null when it does not.
const asked = async (way, field, given) => {
  const { phrases: file, before } = field.dataset;
  const text = before + field.value.replaceAll("\n", " ");
  try {
    const answer = await fetch(`/api/v1/language/${way}`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ file, text, ...given }),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the field is as any other
  }
};

const element = (tag, className, text = "") =>
  Object.assign(document.createElement(tag), { className, textContent: text });

const proposing = (field) => {
  const { before } = field.dataset;
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
  let lines = [];
  let at = 0;
  let turn = 0;
  let timer;

  const close = () => {
    turn += 1;
    clearTimeout(timer);
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };

  // What ends the field well already: what could be added to it is proposed to who asks, not put in the way.
  const whole = async () => {
    if (!field.value.trim() || field.value.slice(field.selectionStart).trim()) return false;
    const found = await asked("check", field, { page: true });
    return !!found && !found.diagnostics.some((one) => one.severity === "erreur");
  };

  const choose = (number) => {
    at = (number + items.length) % items.length;
    for (const [rank, one] of lines.entries()) one.setAttribute("aria-selected", String(rank === at));
    field.setAttribute("aria-activedescendant", lines[at].id);
    lines[at].scrollIntoView({ block: "nearest" });
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

  const ask = async (itself = false) => {
    const mine = ++turn;
    const offset = field.dataset.before.length + field.selectionStart;
    const [found, ended] = await Promise.all([asked("complete", field, { offset }), itself && whole()]);
    if (!found || mine !== turn || document.activeElement !== field) return;
    ({ items } = found);
    if (!items.length || ended) {
      close();
      return;
    }
    lines = items.map(shown);
    // Under what they are for, where the service says it: nothing is typed yet.
    const rows = lines.flatMap((line, rank) => {
      const name = items[rank].intention;
      if (!name || name === items[rank - 1]?.intention) return [line];
      const title = element("li", "intention", name);
      title.setAttribute("role", "presentation");
      return [title, line];
    });
    list.replaceChildren(...rows);
    list.hidden = false;
    choose(0);
  };

  // Where a phrase has something to fill in, that is what one writes next.
  const write = (one) => {
    const from = Math.max(one.start - before.length, 0);
    const to = Math.max(one.end - before.length, field.selectionStart);
    // A phrase after another one is apart from it.
    const apart = from === field.selectionStart && /[\p{L}\p{N})»]$/u.test(field.value.slice(0, from)) ? " " : "";
    const start = from + apart.length;
    close();
    field.setRangeText(apart + one.text, from, to, "end");
    const [stop] = one.stops;
    if (stop) field.setSelectionRange(start + stop[0], start + stop[1]);
    field.focus();
    if (stop) ask(true);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    turn += 1;
    timer = setTimeout(() => ask(true), PAUSE);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      clearTimeout(timer); // what was to be proposed by itself would take this one's place, or close it
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
    const rank = lines.indexOf(event.target.closest("li"));
    if (rank >= 0) write(items[rank]);
  });
};

// What is to be corrected, under the field, each with what mends it; F8 goes from one to the next.
const judging = (field) => {
  const { before } = field.dataset;
  const box = element("div", "remarks typed");
  box.id = `${field.id}-a-corriger`;
  box.setAttribute("role", "status");
  box.hidden = true;
  field.after(box);
  // What was said of it when it was sent: it gives way to what is said of it now.
  const former = document.getElementById(`${field.id}-remarques`);
  let list = [];
  let turn = 0;
  let timer;

  const places = (one) => [one.start, one.end].map((at) => Math.max(at.utf16_offset - before.length, 0));

  const mend = (fix) => {
    const [from, to] = places(fix);
    field.setRangeText(fix.text, from, Math.max(from, to), "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const line = (one) => {
    const item = element("li", one.severity === "erreur" ? "wrong" : "hint");
    const said = element("p", "");
    const words = field.value.slice(...places(one)).trim();
    if (words && words !== field.value.trim() && !one.message.includes(words)) {
      said.append("«\u00a0", element("b", "", words), "\u00a0» : ");
    }
    said.append(one.message);
    item.append(said);
    for (const fix of one.fixes) {
      const text = fix.text.trim();
      const button = element("button", "button small", text ? `Écrire «\u00a0${text}\u00a0»` : "Retirer ces mots");
      button.type = "button";
      button.addEventListener("click", () => mend(fix));
      item.append(button);
    }
    return item;
  };

  const show = (found) => {
    list = found;
    const wrong = found.some((one) => one.severity === "erreur");
    const rows = element("ul", "");
    rows.append(...found.map(line));
    box.replaceChildren(...(found.length ? [rows] : []));
    box.hidden = !found.length;
    if (former) former.hidden = true;
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (found.length) field.setAttribute("aria-describedby", box.id);
    else field.removeAttribute("aria-describedby");
  };

  const check = async () => {
    const mine = ++turn;
    if (!field.value.trim()) {
      show([]);
      return;
    }
    const found = await asked("check", field, { page: true });
    if (found && mine === turn) show(found.diagnostics);
  };

  const next = (back) => {
    const sorted = list.map(places).sort((a, b) => a[0] - b[0]);
    if (!sorted.length) return;
    const here = field.selectionStart;
    const before = sorted.filter(([from]) => from < here).at(-1) ?? sorted.at(-1);
    const after = sorted.find(([from]) => from > here) ?? sorted[0];
    field.setSelectionRange(...(back ? before : after));
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    turn += 1;
    timer = setTimeout(check, CHECKED);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "F8") return;
    event.preventDefault();
    next(event.shiftKey);
  });
  if (field.value.trim() && !former) check();
};

// What the phrase means that is pointed at, or, asked by F1, that one is writing.
const explaining = (field) => {
  const { before } = field.dataset;
  const bubble = element("div", "bubble meaning");
  bubble.setAttribute("role", "status");
  bubble.hidden = true;
  field.after(bubble);
  let turn = 0;
  let timer;

  const close = () => {
    turn += 1;
    clearTimeout(timer);
    bubble.hidden = true;
  };

  const show = async (at) => {
    const mine = ++turn;
    const found = await asked("hover", field, { offset: before.length + at });
    if (mine !== turn) return;
    const said = found?.hover;
    if (!said || said.end <= before.length) {
      close();
      return;
    }
    const texts = said.paragraphs.map((text) => element("p", "", text));
    const example = said.example ? [element("p", "example", said.example)] : [];
    bubble.replaceChildren(element("p", "bubble-title", said.title), ...texts, ...example);
    bubble.hidden = false;
  };

  // Browsers that do not say what is pointed at in a field have the key.
  const pointed = ({ clientX, clientY }) => {
    const place = document.caretPositionFromPoint?.(clientX, clientY);
    if (!place) return null;
    return field === place.offsetNode || field.contains(place.offsetNode) ? place.offset : null;
  };

  field.addEventListener("mousemove", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const at = pointed(event);
      if (at !== null && at < field.value.length) show(at);
    }, POINTED);
  });
  field.addEventListener("mouseleave", ({ relatedTarget }) => {
    if (!bubble.contains(relatedTarget)) close();
  });
  bubble.addEventListener("mouseleave", close);
  for (const kind of ["input", "blur"]) field.addEventListener(kind, close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "F1") {
      event.preventDefault();
      show(Math.max(Math.min(field.selectionStart, field.value.length - 1), 0));
    } else if (event.key === "Escape" && !bubble.hidden) {
      close();
      event.preventDefault();
    }
  });
};

for (const field of document.querySelectorAll("textarea[data-phrases]")) {
  const keys = "F8 : remarque suivante. F1 : ce que veut dire la phrase. Ctrl et Espace : propositions.";
  field.setAttribute("aria-description", keys);
  judging(field);
  explaining(field);
  proposing(field);
}
