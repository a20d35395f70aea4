// The campaigns of a group, put in order by hand: moved here, while the server says what that would write.
// Without this, « Monter » and « Descendre » ask for the page.
const said = document.getElementById("place-dite");

const announce = (name, list) => {
  const rows = [...list.children];
  const at = rows.findIndex((row) => row.dataset.name === name);
  said.textContent = "";
  setTimeout(() => {
    said.textContent = `${name}\u00a0: place ${at + 1} sur ${rows.length}. Rien n’est encore écrit.`;
  }, 50);
};

// What an order would write, in the place of what is shown. `button`: which was pressed, if any was.
const look = async (form, name, button) => {
  const given = new FormData(form);
  if (button?.name) given.append(button.name, button.value);
  const address = `${form.getAttribute("action")}?${new URLSearchParams(given)}`;
  const section = document.getElementById(form.dataset.order);
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(section.id);
    if (!answer.ok || !found) throw new Error(String(answer.status));
    section.replaceWith(found);
    history.replaceState(null, "", address);
    shown(found);
    if (name) announce(name, found.querySelector(".ranked"));
    if (button?.name) found.querySelector(`button[name="${button.name}"][value="${button.value}"]`)?.focus();
    else if (button) found.querySelector("form.under .first")?.focus();
  } catch {
    location.href = address;
  }
};

// Heard before what tells that the browser sends a form: this one stays here.
const send = (event) => {
  const form = event.target.closest("[data-order]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.getAttribute("aria-disabled")) return;
  look(form, button?.closest("li")?.dataset.name, button);
};
document.addEventListener("submit", send, true);

// Taken by its handle, a row stays where it is in the page while the others go round it: it keeps the pointer.
const drag = (event) => {
  const grip = event.currentTarget;
  const row = grip.closest("li");
  const list = row.parentElement;
  const before = [...list.children];
  if (event.button) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  row.classList.add("dragged");
  const move = ({ clientY }) => {
    const above = row.previousElementSibling;
    const below = row.nextElementSibling;
    const middle = (one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
    if (above && clientY < middle(above)) row.after(above);
    else if (below && clientY > middle(below)) row.before(below);
  };
  const over = (dropped) => {
    row.classList.remove("dragged");
    for (const [kind, heard] of heeded) grip.removeEventListener(kind, heard);
    document.removeEventListener("keydown", escaped);
    if (!dropped) list.append(...before);
    else if (before.some((one, at) => one !== list.children[at])) look(list.closest("form"), row.dataset.name);
  };
  const escaped = (pressed) => {
    if (pressed.key === "Escape") over(false);
  };
  const heeded = [
    ["pointermove", move],
    ["pointerup", () => over(true)],
    ["pointercancel", () => over(false)],
  ];
  for (const [kind, heard] of heeded) grip.addEventListener(kind, heard);
  document.addEventListener("keydown", escaped);
};

const shown = (part) => {
  for (const grip of part.querySelectorAll(".grip")) {
    grip.hidden = false;
    grip.addEventListener("pointerdown", drag);
  }
};
shown(document);
