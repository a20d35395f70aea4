// Keeps the page alive: every second, what carries `data-vif` is replaced if it changed. Looking
// again is no visit, and says so; nothing is asked while nobody looks.
const again = { headers: { accept: "text/html", "relance-vif": "1" } };

const lookOnceMore = async () => {
  try {
    if (!document.hidden && !document.prerendering) {
      const answer = await fetch(location.href, again);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of document.querySelectorAll("[data-vif]")) {
        const next = fresh.querySelector(`[data-vif="${old.dataset.vif}"]`);
        // `data-fini`: what somebody reads is left to them.
        if (!next || "fini" in old.dataset || next.innerHTML === old.innerHTML) continue;
        old.innerHTML = next.innerHTML;
        if ("fini" in next.dataset) old.dataset.fini = "";
      }
    }
  } catch {
    // The server is stopping or restarting: try again.
  }
  setTimeout(lookOnceMore, 1000);
};
setTimeout(lookOnceMore, 1000);

// A page prepared ahead is visited when it is shown.
document.addEventListener("prerenderingchange", () => fetch(location.href));
