"""What the log says of each deed, in words; orders are named by their command."""

ACTIONS = {
    "connexion": "s’est connecté",
    "connexion.refusee": "a essayé en vain le compte de",
    "deconnexion": "s’est déconnecté",
    "session.fermee": "a fermé des sessions",
    "compte.premier": "a créé le premier compte",
    "compte.invite": "a invité",
    "compte.ouvert": "a ouvert son compte",
    "compte.nom": "a changé de nom",
    "compte.mot-de-passe": "a changé de mot de passe",
    "compte.lien": "a donné un nouveau lien",
    "compte.roles": "a changé les rôles",
    "compte.ferme": "a fermé le compte",
    "compte.rouvert": "a rouvert le compte",
    "facteur.ajoute": "a ajouté le second facteur",
    "facteur.retire": "a retiré le second facteur",
    "facteur.codes": "a refait les codes de secours",
    "jeton.cree": "a créé le",
    "jeton.revoque": "a révoqué le",
    "dossier.remis": "a pris le dossier du",
    "ordre.publier": "a publié",
    "ordre.activer": "a activé",
    "ordre.pause": "a mis en pause",
    "ordre.reprendre": "a fait reprendre",
    "ordre.archiver": "a archivé",
    "ordre.restaurer": "a restauré",
    "ordre.supprimer-campagne": "a supprimé la campagne",
    "ordre.supprimer-liste": "a supprimé la liste",
    "ordre.oublier": "a fait oublier",
    "ordre.retablir": "a rétabli l’adresse",
    "ordre.accepter": "a accepté la déclaration",
    "ordre.refuser": "a refusé la déclaration",
    "ordre.separer": "a séparé",
    "ordre.envoyer-retenus": "a laissé partir des envois retenus",
    "ordre.abandonner-retenus": "a abandonné des envois retenus",
    "ordre.envoyer-limites": "a laissé partir des envois limités",
    "ordre.abandonner-limites": "a abandonné des envois limités",
    "ordre.refaire-appels": "a fait refaire des appels",
    "ordre.reprendre-appels": "a fait reprendre des appels",
    "ordre.refaire-comptes": "a fait refaire les comptes",
}
#: By what begins them, for who looks for some.
FAMILIES = {
    "connexion": "Connexions",
    "connexion.": "Connexions refusées",
    "session.": "Sessions",
    "compte.": "Comptes",
    "facteur.": "Seconds facteurs",
    "jeton.": "Jetons",
    "dossier.": "Dossiers",
    "ordre.": "Ordres",
}


def in_words(action: str) -> str:
    """What was done; one of another release, by its own name."""
    return ACTIONS.get(action, action)
