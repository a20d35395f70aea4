/* Relance : proposer les notifications aux visiteurs d’un site. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.relanceNotifications) return;
  var base = script.src.replace(/abonner\.js.*$/, "");
  // Le site sert lui-même ce fichier d’une ligne, qui appelle le nôtre.
  var travailleur = script.getAttribute("data-travailleur") || "/relance-notifications.js";
  var cle = "{CLE}";

  function possible() {
    return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  }

  function octets(texte) {
    var binaire = atob(texte.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binaire, function (c) { return c.charCodeAt(0); });
  }

  function dire(chemin, fait) {
    // « text/plain » : le navigateur n’a pas à demander d’abord s’il peut.
    return fetch(base + chemin, {
      method: "POST", body: JSON.stringify(fait), credentials: "include",
      headers: { "content-type": "text/plain" }
    }).then(function (reponse) {
      if (!reponse.ok) throw new Error("réponse " + reponse.status);
    });
  }

  function enregistre() {
    return navigator.serviceWorker.getRegistration(travailleur);
  }

  // À appeler d’un clic : les navigateurs refusent de demander autrement.
  function abonner() {
    if (!possible()) return Promise.resolve(false);
    return Notification.requestPermission().then(function (permission) {
      if (permission !== "granted") return false;
      return navigator.serviceWorker.register(travailleur).then(function () {
        return navigator.serviceWorker.ready;
      }).then(function (place) {
        return place.pushManager.subscribe({
          userVisibleOnly: true, applicationServerKey: octets(cle)
        });
      }).then(function (abonnement) {
        return dire("abonnement", abonnement.toJSON());
      }).then(function () { return true; });
    });
  }

  function desabonner() {
    if (!possible()) return Promise.resolve(false);
    return enregistre().then(function (place) {
      return place && place.pushManager.getSubscription();
    }).then(function (abonnement) {
      if (!abonnement) return false;
      return dire("desabonnement", { endpoint: abonnement.endpoint }).then(function () {
        return abonnement.unsubscribe();
      });
    });
  }

  window.relanceNotifications = {
    possible: possible, abonner: abonner, desabonner: desabonner
  };
})();
