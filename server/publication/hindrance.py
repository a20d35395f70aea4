"""What keeps rules from being published that may be right: nothing that is written in them is."""

from typing import Final, NamedTuple


class Hindrance(NamedTuple):
    """What is said of them, after « elles », and what to do, in sentences."""

    words: str
    remedy: str


UNREADABLE: Final = Hindrance(
    "elles ne peuvent pas être lues",
    "Rendez le fichier, ou le dossier, lisible par le compte qui fait tourner le serveur : ses droits, le "
    "disque ou le partage où il se trouve.",
)
UNKEPT: Final = Hindrance(
    "la base ne peut pas les garder pour l’instant",
    "Voyez ce qui empêche la base d’être écrite.",
)
GONE: Final = Hindrance(
    "des fichiers qui tournent n’y sont plus",
    "Remettez-les s’ils sont partis par erreur.",
)
