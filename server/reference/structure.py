"""The words of the structure, from the table of constructs, as the page of the reference shows them."""

from collections.abc import Iterable

from dsl.language.construct import Construct, Role
from dsl.language.fr.constructs import CONSTRUCTS, ROWS, closing

_TITLE = "Les mots de la structure"
_HEAD = f"""\
## {_TITLE}

Ce qui tient les phrases ensemble. [Le langage, par l’exemple](langage.md) les montre à l’œuvre.

| S’écrit | S’écrit aussi | Se place dans | Se ferme par |
|---|---|---|---|
"""
#: Where those stand that are in no block of their own.
_PLACES = {
    Role.TOP: "un fichier, hors de tout bloc",
    Role.CLAUSE: "le haut d’une campagne",
    Role.STATEMENT: "une campagne",
    Role.ITEM: "une liste de conditions, une par ligne",
    Role.END: "un bloc, sous sa dernière ligne",
}


def structure() -> str:
    """A table of them, a line each."""
    shown = [row for row in ROWS if row.forms and row.role is not Role.WORD]
    return _HEAD + "".join(f"{_line(row)}\n" for row in shown)


def _line(row: Construct) -> str:
    end = _coded([closing(row.terminal)]) if row.closes else ""
    cells = (_coded([row.form]), _coded(row.forms[1:]), _place(row), end)
    return f"| {' | '.join(cells)} |"


def _place(row: Construct) -> str:
    return _PLACES.get(row.role) or _coded(CONSTRUCTS[name].form for name in row.within)


def _coded(words: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in words)
