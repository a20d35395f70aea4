/* Relance : pages vues et liens cliqués de ce site. */
(function () {
  var doc = document, script = doc.currentScript, cle = "relance_vue";
  if (!script || window.relance) return;
  var adresse = script.src.replace(/suivi\.js.*$/, "suivi");
  var requis = false; // « consentement » de la section [web]
  var suite = Promise.resolve();
  var vue, avant = doc.referrer;

  function choix() {
    return (doc.cookie.match(/\brelance_consentement=(oui|non)/) || "")[1];
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
    var envoi = {
      method: "POST", body: JSON.stringify(fait), mode: "no-cors", credentials: "include",
      keepalive: true, referrerPolicy: "origin"
    };
    suite = suite.then(function () {
      return "keepalive" in Request.prototype ? fetch(adresse, envoi)
        : navigator.sendBeacon(adresse, envoi.body);
    }).catch(function () {});
  }

  // Un « #chapitre » n’est pas une autre page ; « #/chemin » en est une.
  function page(encore) {
    var ici = location.href.replace(/#(?!!?\/).*$/, "");
    if (!permis() || (ici === vue && encore !== true)) return;
    var deja = rechargee(ici) && encore !== true && vue === undefined;
    if (!deja) dire({ e: "page", r: avant.slice(0, 2048), t: doc.title.slice(0, 200) });
    avant = vue = ici;
  }

  // Une page qui se recharge n’est pas vue deux fois : même onglet, même adresse que la dernière,
  // depuis moins d’une visite, et l’on n’y vient pas d’ailleurs. Sans mémoire, rien ne se sait.
  function rechargee(ici) {
    try {
      var lieu = sessionStorage, sue = JSON.parse(lieu.getItem(cle)) || [];
      lieu.setItem(cle, JSON.stringify([Date.now(), ici]));
      var par = (performance.getEntriesByType("navigation")[0] || {}).type;
      return sue[1] === ici && Date.now() - sue[0] < 18e5 && par !== "back_forward" &&
        (par === "reload" || !avant || avant.indexOf(location.origin + "/") === 0);
    } catch (e) {}
  }

  function clic(g) {
    if (g.button > 1 || !permis() || !g.target.closest) return;
    var mis = g.target.closest("[data-relance-lien]");
    var lien = g.target.closest("a[href]");
    var vers = lien ? lien.href : "";
    if (!mis && !/^https?:/.test(vers)) return;
    var nom = mis ? mis.getAttribute("data-relance-lien") || mis.textContent : "";
    dire({ e: "lien", n: nom.trim().slice(0, 200), h: vers.slice(0, 2048) });
  }

  function retenir(reponse) {
    doc.cookie = "relance_consentement=" + reponse + ";path=/;max-age=15552000;samesite=lax";
  }

  function commencer() {
    var pousser = history.pushState;
    history.pushState = function () {
      pousser.apply(history, arguments);
      setTimeout(page, 0);
    };
    addEventListener("popstate", page);
    addEventListener("pageshow", function (e) { if (e.persisted) page(true); });
    ["click", "auxclick"].forEach(function (g) { addEventListener(g, clic, true); });
    page();
  }

  window.relance = {
    consentir: function () { retenir("oui"); page(); },
    retirer: function () { retenir("non"); vue = 0; dire({ e: "retrait" }); }
  };

  // Préparée d’avance, ou chargée derrière une autre : une page n’est vue qu’une fois montrée.
  function attendre() {
    var mot = doc.prerendering ? "prerenderingchange" : doc.visibilityState === "hidden" && "visibilitychange";
    if (mot) doc.addEventListener(mot, attendre, { once: true });
    else commencer();
  }
  attendre();
})();
