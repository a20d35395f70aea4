/* Relance : montrer les notifications reçues, et dire qu’elles sont cliquées. */
var relance = "{SERVEUR}";

self.addEventListener("push", function (evenement) {
  var recu = evenement.data ? evenement.data.json() : {};
  evenement.waitUntil(self.registration.showNotification(recu.titre || "", {
    body: recu.texte, tag: recu.etiquette, data: { clic: recu.clic, mene: recu.mene }
  }));
});

self.addEventListener("notificationclick", function (evenement) {
  var fait = evenement.notification.data || {};
  evenement.notification.close();
  if (!fait.clic) return;
  evenement.waitUntil(fait.mene
    ? self.clients.openWindow(fait.clic)
    : fetch(fait.clic, { method: "POST", mode: "no-cors", keepalive: true }));
});

// Le service de notification a changé l’adresse de ce navigateur : la nouvelle remplace l’ancienne.
self.addEventListener("pushsubscriptionchange", function (evenement) {
  var ancien = evenement.oldSubscription;
  if (!ancien) return;
  function dire(chemin, fait) {
    return fetch(relance + "/notifications/" + chemin, {
      method: "POST", body: JSON.stringify(fait), credentials: "include",
      headers: { "content-type": "text/plain" }
    });
  }
  evenement.waitUntil(self.registration.pushManager.subscribe(ancien.options).then(function (neuf) {
    return dire("abonnement", neuf.toJSON()).then(function () {
      return dire("desabonnement", { endpoint: ancien.endpoint });
    });
  }));
});
