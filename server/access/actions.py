"""What the log says of each deed, in words; orders are named by their command."""

import re

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
    "cle.ajoutee": "a ajouté la",
    "cle.retiree": "a retiré la",
    "cle.retirees": "a retiré les clés d’accès de",
    "cle.refusee": "a essayé en vain la",
    "cle.compteur": "a montré, qui dit avoir moins servi qu’avant, la",
    "compte.cree": "est entré pour la première fois, et a créé son compte",
    "fournisseur.relie": "a relié au fournisseur d’identité",
    "fournisseur.delie": "a délié du fournisseur d’identité",
    "fournisseur.refuse": "a été refusé, venant du fournisseur d’identité :",
    "jeton.cree": "a créé le",
    "jeton.revoque": "a révoqué le",
    "dossier.remis": "a pris le dossier du",
    "import.lance": "a importé",
    "import.rejets": "a pris les lignes refusées de",
    "journal.exporte": "a pris le journal :",
    "message.essai": "a envoyé un essai de",
    "ordre.publier": "a publié",
    "ordre.publier-ensuite": "a fait publier, une fois les scénarios passés,",
    "ordre.ne-pas-publier": "a renoncé à publier",
    "ordre.demander-publication": "a demandé de publier",
    "ordre.accorder-publication": "a accordé la publication demandée sous le n°",
    "ordre.decliner-publication": "a décliné la publication demandée sous le n°",
    "ordre.retirer-demande": "a retiré la demande n°",
    "ordre.activer": "a activé",
    "ordre.pause": "a mis en pause",
    "ordre.reprendre": "a fait reprendre",
    "ordre.archiver": "a archivé",
    "ordre.restaurer": "a restauré",
    "ordre.supprimer-campagne": "a supprimé la campagne",
    "ordre.supprimer-liste": "a supprimé la liste",
    "ordre.creer-liste": "a créé la liste",
    "ordre.vider-liste": "a vidé la liste",
    "ordre.mettre-en-liste": "a mis des personnes dans la liste",
    "ordre.oter-de-liste": "a retiré des personnes de la liste",
    "ordre.etiqueter": "a posé l’étiquette",
    "ordre.oter-etiquette": "a ôté l’étiquette",
    "liste.exportee": "a exporté les membres de la liste",
    "leads.exportes": "a exporté des leads :",
    "ordre.ranger-campagnes": "a rangé",
    "ordre.etiqueter-campagnes": "a étiqueté",
    "ordre.classer-campagnes": "a rangé",
    "ordre.oter-etiquette-campagnes": "a ôté une étiquette de",
    "ordre.ranger-copie": "a rangé la copie de",
    "ordre.oublier": "a fait oublier",
    "ordre.retablir": "a rétabli l’adresse",
    "ordre.accepter": "a accepté la déclaration",
    "ordre.refuser": "a refusé la déclaration",
    "ordre.separer": "a séparé le lead",
    "ordre.creer-lead": "a créé un lead",
    "ordre.modifier-lead": "a modifié le lead",
    "ordre.reunir": "a réuni un autre lead au lead",
    "ordre.envoyer-retenus": "a laissé partir des envois retenus",
    "ordre.abandonner-retenus": "a abandonné des envois retenus",
    "ordre.envoyer-limites": "a laissé partir des envois limités",
    "ordre.abandonner-limites": "a abandonné des envois limités",
    "ordre.refaire-appels": "a fait refaire des appels",
    "ordre.reprendre-appels": "a fait reprendre des appels",
    "ordre.vendeur": "a changé dans l’équipe de vente",
    "ordre.noter-absence": "a noté l’absence de",
    "ordre.oter-absence": "a ôté l’absence n°",
    "extension.formulaire": "a envoyé un formulaire de",
    "ordre.regler": "a réglé",
    "ordre.enregistrer-rapport": "a enregistré le rapport",
    "ordre.modifier-rapport": "a modifié le rapport",
    "ordre.supprimer-rapport": "a supprimé le rapport",
    "ordre.envoyer-rapport": "a réglé l’envoi du rapport",
    "rapport.envoi-arrete": "a cessé d’envoyer le rapport",
    "ordre.refaire-comptes": "a fait refaire les comptes",
}
#: What is kept of a deed that was asked for and not done: how it ended.
OUTCOME = "issue"
#: By what begins them, for who looks for some.
FAMILIES = {
    "connexion": "Connexions",
    "connexion.": "Connexions refusées",
    "session.": "Sessions",
    "compte.": "Comptes",
    "facteur.": "Seconds facteurs",
    "cle.": "Clés d’accès",
    "fournisseur.": "Fournisseur d’identité",
    "jeton.": "Jetons",
    "dossier.": "Dossiers de personnes remis",
    "liste.": "Listes exportées",
    "leads.": "Leads exportés",
    "message.": "Messages",
    "import.": "Importations",
    "extension.": "Extensions",
    "journal.": "Journal pris",
    "rapport.": "Envois de rapports arrêtés",
    "ordre.": "Ce que l’équipe a fait faire",
}


#: What begins those that somebody may ask in vain, and how that is said.
_DONE, _ASKED = re.compile(r"^a (fait |laissé )?(\w+)"), "a demandé, en vain"
#: What each of them asks, where the log says that it was not done.
_INFINITIVES = {
    "publié": "publier",
    "activé": "activer",
    "mis": "mettre",
    "archivé": "archiver",
    "restauré": "restaurer",
    "supprimé": "supprimer",
    "créé": "créer",
    "vidé": "vider",
    "retiré": "retirer",
    "posé": "poser",
    "ôté": "ôter",
    "rétabli": "rétablir",
    "accepté": "accepter",
    "refusé": "refuser",
    "séparé": "séparer",
    "modifié": "modifier",
    "réuni": "réunir",
    "abandonné": "abandonner",
    "changé": "changer",
    "accordé": "accorder",
    "rangé": "ranger",
    "étiqueté": "étiqueter",
    "décliné": "décliner",
    "demandé": "demander",
    "réglé": "régler",
    "noté": "noter",
    "renoncé": "renoncer",
    "enregistré": "enregistrer",
}


def asked_in_words(action: str) -> str:
    """What was asked and not done: « a demandé de créer la liste »."""
    said = in_words(action)
    found = _DONE.match(said)
    if found is None or (found[1] is None and found[2] not in _INFINITIVES):
        return f"{_ASKED} : {said}"
    helped = {"fait ": "faire ", "laissé ": "laisser "}.get(found[1] or "")
    verb = f"{helped}{found[2]}" if helped else _INFINITIVES[found[2]]
    link = "d’" if verb[0] in "aeiouyéèô" else "de "
    return f"a demandé {link}{verb}{said[found.end() :]}"


def in_words(action: str) -> str:
    """What was done; one of another release, by its own name."""
    return ACTIONS.get(action, action)
