"""Sentences with places, as plugins write them: « Formulaire[ ({subject})] rempli ».

Places are filled in as text, once: nothing of what happened is read as a sentence in its turn.
"""

import re
from collections.abc import Iterator, Mapping

#: A place, or what is said around one only when there is something to put there.
_PART = re.compile(r"\[([^\[\]{}]*)\{(\w+)\}([^\[\]{}]*)\]|\{(\w+)\}")


def fill(sentence: str, places: Mapping[str, str | None]) -> str:
    """The sentence, its places filled in; what is between brackets goes where there is nothing."""

    def filled(part: re.Match[str]) -> str:
        before, optional, after, place = part.groups()
        value = places.get(optional or place)
        return f"{before or ''}{value}{after or ''}" if value else ""

    return _PART.sub(filled, sentence)


def ill_written(sentence: str, always: tuple[str, ...], maybe: tuple[str, ...]) -> Iterator[str]:
    """What keeps a sentence from being said: empty, on several lines, a place that nobody fills.

    `always`: the places there is always something for; the `maybe` stand between brackets.
    """
    if not sentence.strip() or not sentence.isprintable():
        yield f"«\u00a0{sentence}\u00a0» doit être une phrase, sur une ligne"
    for _, optional, _, place in _PART.findall(sentence):
        if (optional or place) not in (*always, *maybe):
            yield f"«\u00a0{{{optional or place}}}\u00a0» n’est pas une place : {', '.join((*always, *maybe))}"
        elif place in maybe:
            yield f"«\u00a0{{{place}}}\u00a0» peut manquer : mettez-la entre crochets, «\u00a0[ ({{{place}}})]\u00a0»"
    if re.search(r"[\[\]{}]", _PART.sub("", sentence)):
        yield f"un crochet ou une accolade de trop dans «\u00a0{sentence}\u00a0»"


def ill_named(label: str, icon: str) -> Iterator[str]:
    """What keeps a name and a sign from standing in a table."""
    if not label.strip() or not label.isprintable() or len(label) > 80:
        yield "son nom («\u00a0label\u00a0») compte de 1 à 80 caractères, sur une ligne"
    if len(icon) != 1 or not icon.isprintable() or icon.isspace():
        yield "son signe («\u00a0icon\u00a0») est un seul caractère"
