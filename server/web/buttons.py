"""What sentences propose by commands, as the buttons of pages propose it: who reads a page has no terminal."""

import re

from relance.french import quoted

_COMMAND = re.compile(
    r"«[ \u00a0]relance (?P<verb>publier|activer|reprendre|restaurer|archiver)[ \u00a0]»"
)
_PHRASES = re.compile(r" La liste des phrases s’obtient avec «[ \u00a0]relance phrases[ \u00a0]»\.")
_ALLOWING = re.compile(r"ajoutez «[ \u00a0]--autoriser \d+[ \u00a0]»")


def by_editor(text: str) -> str:
    """The same sentence, beside a script as it is typed: the phrases are at a touch."""
    return by_buttons(_PHRASES.sub(" Le bouton «\u00a0Phrases\u00a0» les montre.", text))


def by_buttons(text: str) -> str:
    """The same sentence: a button is called as its command is.

    Where no button shows the phrases, it does not say where they are.
    """
    text = _PHRASES.sub("", text)
    text = _ALLOWING.sub("cochez-le ci-dessous", text)
    return _COMMAND.sub(lambda found: quoted(found["verb"].capitalize()), text)
