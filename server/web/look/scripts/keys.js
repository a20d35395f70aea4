// What the keyboard does beyond the browser's own. Single letters do nothing where one writes, and
// may be put out of use (WCAG 2.1.4); each has a link or a button that does the same.
const SINGLE = "relance.touches";
const singleKeys = () => {
  try {
    return localStorage.getItem(SINGLE) !== "non";
  } catch {
    return true;
  }
};
const writing = (one) => one.isContentEditable || one.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");

// The next of some elements, or the one before, from the one that has the focus.
const step = (those, by) => {
  const at = those.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
  return those[at < 0 ? (by > 0 ? 0 : those.length - 1) : at + by];
};

const among = (event, palette) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const next = step([...palette.querySelectorAll("[data-first], .destinations a, .destinations button")], by);
  event.preventDefault();
  next?.focus();
};

const rows = (by) => {
  const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector("th a, td a"));
  const next = step(links.filter(Boolean), by);
  next?.focus();
  return Boolean(next);
};

let going = 0;
const letter = (event) => {
  if (Date.now() - going < 1500) {
    going = 0;
    const entry = document.querySelector(`[data-letter="${CSS.escape(event.key)}"]`);
    entry?.click();
    return Boolean(entry);
  }
  if (event.key === "g") {
    going = Date.now();
    return true;
  }
  if (event.key === "j" || event.key === "k") return rows(event.key === "j" ? 1 : -1);
  if (event.key === "?") {
    document.querySelector("[data-keys]")?.click();
    return true;
  }
  const search = event.key === "/" && document.querySelector("main input[type=search]");
  search && search.focus();
  return Boolean(search);
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const open = document.querySelector("dialog[open]");
  const palette = event.target.closest?.(".palette, dialog:has(.destinations)");
  if (palette) among(event, palette);
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
    const link = document.querySelector("[data-palette]");
    if (!link) return;
    event.preventDefault();
    if (!open) link.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || open || writing(event.target) || !singleKeys()) return;
  if (letter(event)) event.preventDefault();
});

// The way to put them out of use is there where there is a script to obey it.
const offer = (root) => {
  for (const choice of root.querySelectorAll("[data-single-keys]")) {
    const box = choice.querySelector("input");
    choice.hidden = false;
    box.checked = singleKeys();
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(SINGLE, box.checked ? "oui" : "non");
      } catch {
        // Nothing is kept in this browser: they stay as they are.
      }
    });
  }
};
document.addEventListener("relance-dialog", (event) => offer(event.target));
offer(document);
