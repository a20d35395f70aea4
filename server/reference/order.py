"""The order of the reference: the phrases people know from elsewhere, as those tools list them.

Each is written as a script would, so that a plugin may rename or split a phrase and this list
still finds what is meant. What the catalogue holds beside comes after.
"""

from collections.abc import Mapping

EMAIL_DECISIONS = (
    "Courriel envoyé dans les derniers (7) jours",
    "Courriel (Tarifs) envoyé depuis (30 jours)",
    "Courriel (Tarifs) livré",
    "Courriel (Tarifs) lu (ouvert)",
    "Courriel (Tarifs) rebondi",
    "Désabonné du courriel (Tarifs)",
    "Lien cliqué dans courriel (Tarifs)",
    "Lien (Essai gratuit) cliqué dans courriel (Tarifs)",
)
COMMERCE_DECISIONS = (
    "Item avec catégorie (Vélos) acheté",
    "Item avec nom (Casque) acheté",
    "Item avec SKU (VLO-*) acheté",
    "Montant dépensé est (supérieur à) (100 $)",
    "Nombre de transaction est (au moins) (3)",
    "Transaction avec info (canal=boutique) effectuée",
)
LEADS_DECISIONS = (
    "Âge est (au moins) (18)",
    "Champ lead (ville) contient (Mont)",
    "Champ lead (ville) est vide",
    "Champ lead (ville) est égal (Montréal)",
    "Champ (date de naissance) est entre (7) jours (après) et aujourd’hui",
    "Champ (date de naissance) est (7) jours (après) aujourd’hui",
    "Champ (num) (points) est ((supérieur à) (10))",
    "Comparaison entre 2 dates ((début) (avant) (fin))",
    "Date (début) est (plus grande) que (2026-12-24)",
    "Être (3) jours avant date (date de naissance)",
    "Intérêt « (Vélo) » au-dessous de « (10) »",
    "Intérêt « (Vélo) » au-dessus de « (10) »",
    "Intérêt « (Vélo) » entre « (5) » et « (10) »",
    "Lead membre de la liste (Prospects)",
    "Plus de (90) minutes se sont écoulées depuis (date de naissance)",
    "Pointage lead au-dessus de (50)",
    "Pointage lead en-dessous de (50)",
    "Pointage lead entre (5) et (10)",
    "Touché par campagne (Bienvenue)",
)
SITE_DECISIONS = (
    "Dernière visite (après) (2026-12-01)",
    "Durée dernière visite (supérieure à) (5 minutes)",
    "Formulaire rempli",
    "Formulaire (Contact) rempli",
    "Lien (Essai gratuit) cliqué",
    "Nombre de pages visitées dans les 7 derniers jours (supérieur à) (5)",
    "Nombre de pages visitées dans les dernières visites (supérieur à) (5)",
    "Nombre de pages visitées (supérieur à) (5)",
    "Nombre de pages visitées moyen (supérieur à) (5)",
    "Nombre de visites (supérieur à) (5)",
    "Page web (/tarifs) visitée",
    "Section de site web (/blogue) visitée",
    "Site web visité",
)
OTHER_DECISIONS = (
    "Ajouté à la liste (Prospects)",
    "Alerte (Chaud) envoyée",
    "Enlevé de la liste (Prospects)",
    "Split 50%",
    "Synchronisé au CRM",
)
ACTIVITIES = (
    "Ajouter (30) jours à (début) dans (fin)",
    "Ajouter à la liste (Prospects)",
    "Assigner à l’équipe de vente, envoyer alerte de type (Chaud)",
    "Assigner à (Luc), envoyer alerte de type (Chaud)",
    "Attendre entre zéro et (3) jour(s)",
    "Attendre jusqu’au (2026-12-24)",
    "Attendre jusqu’au (2026-12-24) à (9 h)",
    "Attendre pendant (3) jour(s)",
    "Attendre pendant (30) minute(s)",
    "Attendre un jour de la semaine de (lundi) à (vendredi)",
    "Attendre (2) jours après (date de naissance)",
    "Changer attribut du lead (langue) à (fr)",
    "Changer pointage (+10)",
    "Copier attribut du lead (cellulaire) à (téléphone)",
    "Correction des majuscules",
    "Correction des noms",
    "Date du jour dans (début)",
    "Enlever de la campagne (Bienvenue)",
    "Enlever de la liste (Prospects)",
    "Envoyer alerte (Chaud) à (Luc)",
    "Envoyer courriel (Tarifs)",
    "Envoyer lead dans la campagne (Bienvenue)",
    "Exécuter (3) jours avant (date de naissance)",
    "Modifier l’intérêt de « (Vélo) » à « (+10) »",
    "Notifier le vendeur assigné, envoyer type d’alerte (Chaud)",
    "Synchronisation au CRM",
)
AUDIENCE = (
    "Carte de cours achetée",
    "Cours collectif réservé",
    "Présence au cours collectif mise à jour",
    "Rendez-vous réservé",
    "Rendez-vous annulé",
    "Produit ajouté au panier",
    "Panier payé",
    "Facture créée",
    "Souscription créée",
    "Souscription mise en pause",
    "Souscription arrêtée",
    "Souscription renouvelée",
    "Envoyer SMS (Rappel)",
    "Envoyer notification (Rappel)",
    "Étiqueter (Fidèle)",
    "Retirer l’étiquette (Fidèle)",
)

CONTACTS = (
    "Contact établi",
    "Contact manqué (absents)",
    "Contact sans réponse",
    "Contact terminé",
    "Satisfaction donnée",
    "Satisfaction du contact est (au moins) (4)",
    "Délai de réponse du contact est (supérieur à) (2 minutes)",
    "Temps de traitement du contact est (supérieur à) (10 minutes)",
)

#: The parts of the reference, in order: their title, and the sentences that lead to the phrases.
PARTS: Mapping[str, tuple[str, ...]] = {
    "Décisions sur les courriels": EMAIL_DECISIONS,
    "Décisions sur les achats": COMMERCE_DECISIONS,
    "Décisions sur le lead": LEADS_DECISIONS,
    "Décisions sur le site web": SITE_DECISIONS,
    "Autres décisions": OTHER_DECISIONS,
    "Activités": ACTIVITIES,
    "Événements et actions d’Audience": AUDIENCE,
    "Contacts et conversations (iAdvize)": CONTACTS,
}
#: What stands in no part.
REST = "Et encore"
