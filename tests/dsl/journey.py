"""A whole campaign with every structure, for tests that need real text."""

JOURNEY = """\
campagne « Relance des tarifs »
  période : du 2026-12-01 au 2026-12-31
  fuseau : America/Montreal
  réentrée : après 30 jours

  entrée
    quand Formulaire (Demande de tarif) rempli
    quand Page web (/tarifs) visitée et Lead membre de la liste (Prospects)
    quand chaque lundi à 9 h et Lead membre de la liste (Prospects)
  sortie réussie
    quand Page web (/merci) visitée depuis l’entrée
  sortie échouée
    quand non Pointage lead entre (5) et (10) et [Courriel (A) lu ou Lien (B) cliqué]
    après 30 jours

  étape « Premier envoi »
  Envoyer courriel (Tarifs)
  attendre au plus 3 jours
    dès que Lien (Essai gratuit) cliqué dans courriel (Tarifs)
      Changer pointage (+10)
      Assigner à l’équipe de vente, envoyer alerte de type (Chaud)
    dès que Courriel (Tarifs) lu
      Attendre pendant 1 jour
      Envoyer courriel (Témoignages)
    passé ce délai
      si Champ lead (cellulaire) est vide
        sortir (échec)
      sinon si Pointage lead au-dessus de (40)
        Attendre jusqu’au 24 décembre 2026 à 9 h 30
      sinon
        Envoyer courriel (Rappel)
        aller à l’étape « Premier envoi », 2 fois au plus
      fin
  fin
  attendre que Courriel (Tarifs) lu au moins 2 fois, au plus 3 jours
  répéter 3 fois au plus
    Attendre un jour de la semaine de lundi à vendredi
  fin
  si toutes ces conditions
    - Split 50 %
    - Page web (/x) visitée dans les 7 derniers jours où (montant) supérieur à (50)
    Envoyer courriel (Offre A)
  fin
  répartir « Objet »
    50 % « Question »
      Envoyer courriel (Offre A)
    50 % « Chiffre »
      Envoyer courriel (Offre B)
  fin
fin

champs
  pointure : nombre
  taille : choix (petite, moyenne)
fin

liste « Inactifs » : non Page web (*) visitée dans les 30 derniers jours

pointage
  +5 quand Courriel (*) lu
  -20 quand Formulaire (Plainte) rempli et Pointage lead au-dessus de (40)
  =0 quand chaque lundi à 9 h et Pointage lead entre (5) et (10)
fin

intérêt « Vélo »
  +2 quand toutes ces conditions
    - Page web (/velos) visitée
    - Champ lead (ville) est vide
fin

conversion « Démo » : Formulaire (Démo) rempli ou Lien (Essai) cliqué

lien suivi « Infolettre de mai » : https://www.exemple.ca/tarifs#prix
  source : infolettre
  support : courriel
fin

scénario « clique le deuxième jour »
  lead (Aline) : courriel (aline@exemple.ca), date de naissance (1990-02-28)
  le 2026-12-01 à 9 h, (Aline) : Formulaire (Demande de tarif) rempli
  2 jours plus tard, (Aline) : Lien (Essai gratuit) cliqué dans courriel (Tarifs)
  1 jour plus tard, vérifier (Aline) : Courriel (Tarifs) lu et Pointage lead entre (10) et (10)
  vérifier (Aline) : à l’étape « Premier envoi »
fin
"""
