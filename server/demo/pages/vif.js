// Keeps the page alive: every second, what carries `data-vif` is replaced if it changed.
const step = async () => {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-vif]")) {
      const next = fresh.querySelector(`[data-vif="${old.dataset.vif}"]`);
      if (next && next.innerHTML !== old.innerHTML) old.innerHTML = next.innerHTML;
    }
  } catch {
    // The server is stopping or restarting: try again.
  }
  setTimeout(step, 1000);
};
setTimeout(step, 1000);
