/* Relance : montrer les notifications reçues, et dire qu’elles sont cliquées. */
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
