// What pages do beyond what forms do by themselves. Everything works without it, more slowly.

// Where htmx swaps in an answer that refuses, too: it says why, beside what was typed.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) open(opener, event);
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
  const closer = event.target.closest("[data-close]");
  const dialog = closer?.closest("dialog");
  if (dialog) {
    event.preventDefault();
    dialog.close();
  }
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.more[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A link to a page that is one question: asked here, in a dialog, which gives the focus back.
const open = async (link, event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const bar = waiting();
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    const asked = new DOMParser().parseFromString(await answer.text(), "text/html");
    const sheet = asked.querySelector(".sheet");
    if (!answer.ok || !sheet) throw new Error(String(answer.status));
    show(sheet, link);
  } catch {
    location.href = link.href;
  } finally {
    bar();
  }
};

const show = (sheet, link) => {
  const dialog = document.createElement("dialog");
  if (sheet.classList.contains("broad")) dialog.classList.add("wide");
  const heading = sheet.querySelector("h1, h2");
  heading.id = "asked";
  heading.tabIndex = -1;
  dialog.setAttribute("aria-labelledby", "asked");
  for (const away of sheet.querySelectorAll("[data-cancel]")) away.setAttribute("data-close", "");
  dialog.append(...sheet.childNodes);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (link.isConnected) link.focus();
  });
  document.body.append(dialog);
  htmx.process(dialog);
  dialog.dispatchEvent(new Event("relance-dialog", { bubbles: true }));
  dialog.showModal();
  (dialog.querySelector("[data-first]") ?? heading).focus();
};

// A bar above the page, once something has been waited for longer than one hardly notices.
const waiting = () => {
  let bar;
  const timer = setTimeout(() => {
    bar = document.createElement("div");
    bar.className = "bar-of-waiting";
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", "En cours");
    document.body.append(bar);
    document.querySelector("main")?.setAttribute("aria-busy", "true");
  }, 400);
  return () => {
    clearTimeout(timer);
    bar?.remove();
    document.querySelector("main")?.removeAttribute("aria-busy");
  };
};

// A form sent by the browser itself: the same bar, and no second sending by a second click. One that a
// script keeps, to send it otherwise or not yet, is that script's: its button must be there to try again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  waiting();
  // What takes long says what it does meanwhile.
  for (const said of event.target.querySelectorAll("[data-waits]")) said.textContent = said.dataset.waits;
  // What a switch says is not so yet.
  const words = event.target.querySelector(".switch > span:last-child");
  if (words) {
    words.dataset.said = words.textContent;
    words.textContent = "…";
  }
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button:not([type=button])")) button.disabled = true;
  });
});
addEventListener("pageshow", () => {
  for (const said of document.querySelectorAll("[data-waits]")) said.textContent = "";
  for (const words of document.querySelectorAll(".switch > [data-said]")) words.textContent = words.dataset.said;
  for (const button of document.querySelectorAll("form button:disabled:not([data-off])")) button.disabled = false;
});

// A text to be taken elsewhere: copied at a touch, which is said where nobody need look for it.
const copy = async (button) => {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // Not where the page came over plain HTTP.
    getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
  const said = document.getElementById(button.dataset.said);
  said.textContent = "";
  setTimeout(() => {
    said.textContent = "Copié";
  }, 50);
};

// A page that is alive: one stream, while somebody looks at it, says when to ask for what changed.
const alive = (mark) => {
  const words = mark.textContent;
  let source;
  let timer;
  const say = (on, text) => {
    mark.classList.toggle("on", on);
    mark.textContent = text;
  };
  const stop = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const start = () => {
    if (source || document.hidden) return;
    source = new EventSource(mark.dataset.live);
    source.addEventListener("open", () => say(true, words));
    source.addEventListener("change", () => htmx.trigger(document.body, "relance-live"));
    source.addEventListener("error", () => {
      if (mark.classList.contains("on")) {
        const now = new Date();
        say(false, `hors ligne depuis ${now.getHours()}\u00a0h\u00a0${String(now.getMinutes()).padStart(2, "0")}`);
      }
      if (source?.readyState !== EventSource.CLOSED) return;
      stop();
      timer = setTimeout(start, 5000);
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  start();
};

// A line of the script and its place in the tree light each other.
const light = () => {
  const line = location.hash.match(/^#l(\d+)$/)?.[1];
  for (const one of document.querySelectorAll(".n.lit, .script li.lit")) {
    one.classList.remove("lit");
    one.removeAttribute("aria-current");
  }
  if (!line) return;
  document.getElementById(`l${line}`)?.classList.add("lit");
  const node = document.querySelector(`.n[data-line="${line}"]`);
  node?.classList.add("lit");
  node?.setAttribute("aria-current", "true");
};

// Where tabs do not all fit, the one that is open is in view.
const reveal = (tabs) => {
  const open = tabs.querySelector("[aria-current]");
  if (!open) return;
  const middle = (tabs.clientWidth - open.clientWidth) / 2;
  tabs.scrollLeft += open.getBoundingClientRect().left - tabs.getBoundingClientRect().left - middle;
};

addEventListener("hashchange", light);
document.addEventListener("DOMContentLoaded", () => {
  for (const mark of document.querySelectorAll("[data-live]")) alive(mark);
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  for (const tabs of document.querySelectorAll(".tabs, .narrowing")) reveal(tabs);
  light();
});
document.body?.addEventListener("htmx:after:swap", light);

// What is found as one types has the address it was led to: Back returns to it.
document.body?.addEventListener("htmx:after:swap", ({ detail }) => {
  const { sourceElement, response } = detail.ctx;
  if (sourceElement?.matches("[data-addressed]")) history.replaceState(null, "", response.raw.url);
});
