"""The rights of the team: five roles, combined as one likes, none of which holds another."""

from collections.abc import Iterable

from relance.access_role import AccessRole

#: What each allows, said to whoever gives it.
MEANING = {
    AccessRole.READ: "Voir les campagnes, les rapports et l’état du serveur.",
    AccessRole.WRITE: "Écrire les scripts et les messages, sans rien mettre en marche.",
    AccessRole.PUBLISH: "Publier, activer, mettre en pause, reprendre, archiver.",
    AccessRole.PERSONAL: "Voir et changer ce qui est connu des personnes.",
    AccessRole.ADMINISTER: "Gérer les comptes, les jetons et les réglages, lire le journal d’audit.",
}
ALL = frozenset(AccessRole)


def stored(roles: Iterable[AccessRole]) -> str:
    """Several, as a column holds them."""
    kept = frozenset(roles)
    return " ".join(role.code for role in AccessRole if role in kept)


def read(text: str) -> frozenset[AccessRole]:
    """What such a column says; a role this release does not know gives no right."""
    return frozenset(role for role in AccessRole if role.code in text.split())


def words(roles: Iterable[AccessRole]) -> str:
    """Several, in words."""
    kept = frozenset(roles)
    return ", ".join(role.value for role in AccessRole if role in kept) or "aucun"
