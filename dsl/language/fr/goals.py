"""The goals of campaigns in French: what follows their condition, and the types there are."""

from typing import Final

from relance.fold import fold

#: What may follow the condition of a goal, after a comma.
TARGET, WINDOW, KIND = "cible", "fenêtre", "type"
#: Folded word → the canonical one.
DETAILS: Final = {fold(word): word for word in (TARGET, WINDOW, KIND)}
#: What a goal is for → how it is written, the canonical way first.
KINDS: Final = {
    "purchase": ("susciter un achat", "achat"),
    "engage": ("interagir", "interagir avec les clients"),
    "loyalty": ("fidéliser", "augmenter la fidélité"),
    "onboard": ("intégrer", "intégrer de nouvelles personnes"),
    "notify": ("notifier", "envoyer une notification générale"),
    "custom": ("personnalisé", "objectif personnalisé"),
}
#: Folded writing → what it stands for.
_MEANT: Final = {fold(form): kind for kind, forms in KINDS.items() for form in forms}


def kind_of(text: str) -> str | None:
    """The type that words name; None if they name none."""
    return _MEANT.get(fold(text))


def kinds() -> tuple[str, ...]:
    """How each type is written."""
    return tuple(forms[0] for forms in KINDS.values())
