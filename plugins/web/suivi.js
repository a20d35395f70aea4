/* Relance : les pages vues et les liens cliqués du site, dits à son propre serveur. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.relance) return;
  var adresse = script.src.replace(/suivi\.js.*$/, "suivi");
  var requis = false; // « consentement » de la section [web]
  var suite = Promise.resolve();
  var vue, avant = document.referrer;

  function choix() {
    return (document.cookie.match(/\brelance_consentement=(oui|non)/) || "")[1];
  }

  // Ne pas être suivi (DNT, GPC) l’emporte sur tout ; un refus, sur le réglage.
  function permis() {
    var n = navigator;
    if (n.globalPrivacyControl || n.doNotTrack === "1") return false;
    return requis ? choix() === "oui" : choix() !== "non";
  }

  // L’un après l’autre : la réponse au premier donne au navigateur sa marque.
  function dire(fait) {
    fait.c = choix() === "oui" ? 1 : 0;
    fait.u = location.href.slice(0, 2048);
    var demande = {
      method: "POST", body: JSON.stringify(fait), mode: "no-cors", credentials: "include",
      keepalive: true, referrerPolicy: "origin"
    };
    suite = suite.then(function () {
      return "keepalive" in Request.prototype ? fetch(adresse, demande)
        : navigator.sendBeacon(adresse, demande.body);
    }).catch(function () {});
  }

  // Un « #chapitre » n’est pas une autre page ; « #/chemin » en est une.
  function page(encore) {
    var ici = location.href.replace(/#(?!!?\/).*$/, "");
    if (!permis() || (ici === vue && encore !== true)) return;
    var deja = encore !== true && vue === undefined && rechargee(ici);
    noter(ici);
    if (!deja) dire({ e: "page", r: avant.slice(0, 2048), t: document.title.slice(0, 200) });
    avant = vue = ici;
  }

  // Une page qui se recharge n’est pas vue deux fois : même onglet, même adresse que la dernière,
  // depuis moins d’une visite, et l’on n’y vient pas d’ailleurs.
  function rechargee(ici) {
    var derniere = lue();
    if (!derniere || derniere[1] !== ici || Date.now() - derniere[0] > 1800000) return false;
    var arrivee = (performance.getEntriesByType("navigation")[0] || {}).type;
    if (arrivee === "back_forward") return false;
    return arrivee === "reload" || !avant || avant.indexOf(location.origin + "/") === 0;
  }

  function lue() {
    try { return JSON.parse(sessionStorage.getItem("relance_vue")); } catch (e) { return null; }
  }

  function noter(ici) {
    try { sessionStorage.setItem("relance_vue", JSON.stringify([Date.now(), ici])); } catch (e) {}
  }

  function clic(g) {
    if (g.button > 1 || !permis() || !g.target.closest) return;
    var marque = g.target.closest("[data-relance-lien]");
    var lien = g.target.closest("a[href]");
    var vers = lien ? lien.href : "";
    if (!marque && !/^https?:/.test(vers)) return;
    var nom = marque ? marque.getAttribute("data-relance-lien") || marque.textContent : "";
    dire({ e: "lien", n: nom.trim().slice(0, 200), h: vers.slice(0, 2048) });
  }

  function retenir(reponse) {
    document.cookie = "relance_consentement=" + reponse + ";path=/;max-age=15552000;samesite=lax";
  }

  function commencer() {
    var pousser = history.pushState;
    history.pushState = function () {
      pousser.apply(history, arguments);
      setTimeout(page, 0);
    };
    addEventListener("popstate", page);
    addEventListener("pageshow", function (e) { if (e.persisted) page(true); });
    addEventListener("click", clic, true);
    addEventListener("auxclick", clic, true);
    page();
  }

  window.relance = {
    consentir: function () { retenir("oui"); page(); },
    retirer: function () { retenir("non"); vue = 0; dire({ e: "retrait" }); }
  };

  // Préparée d’avance, ou chargée derrière une autre : une page n’est vue qu’une fois montrée.
  function attendre() {
    if (document.prerendering) document.addEventListener("prerenderingchange", attendre, { once: true });
    else if (document.visibilityState !== "hidden") commencer();
    else document.addEventListener("visibilitychange", attendre, { once: true });
  }
  attendre();
})();
