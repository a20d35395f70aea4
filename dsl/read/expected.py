"""What is said of a line out of place or incomplete: French nouns, no token names."""

from collections.abc import Iterable

from dsl.help.wording import listed
from dsl.language.construct import Construct, Piece, Role
from dsl.language.fr.constructs import CONSTRUCTS, ROWS, model
from dsl.language.fr.pieces import PIECES
from dsl.tree.tokens import Token
from relance.french import quoted

_NAMED: tuple[Piece | Construct, ...] = (*PIECES, *ROWS)
#: Terminal → its noun, the most telling first; at most so many are listed.
_NOUNS = {row.terminal: row.noun for row in _NAMED if row.noun}
_MOST = 3

OUTSIDE = (
    "Cette ligne n’est dans aucun bloc : commencez par "
    f"{listed([model(row) for row in ROWS if row.role is Role.TOP])}."
)


def out_of_place(token: Token, expected: Iterable[str]) -> str:
    """Why a line that begins with `token` cannot stand there."""
    wanted = set(expected)
    if "ITEM" in wanted:
        return "Il manque ici une condition par ligne, chacune précédée de « - »."
    if "SHARE" in wanted and "PHRASE" not in wanted:
        return "Dans un bloc « répartir », commencez par une part, comme « 50 % « Question » »."
    if "AS_SOON" in wanted and "PHRASE" not in wanted:
        return "Dans un bloc « attendre », commencez par « dès que … » ou « passé ce délai »."
    if "POINT" in wanted:
        return "Dans ce bloc, chaque ligne dit des points et quand : « +5 quand … »."
    row = CONSTRUCTS.get(token.type)
    if row is not None and row.misplaced:
        return row.misplaced
    subject = quoted(row.form) if row is not None and row.forms else "Cette ligne"
    if "WHEN" in wanted and "PHRASE" not in wanted:
        return f"{subject} n’a pas sa place ici : une ligne « quand … » est attendue."
    return f"{subject} n’a pas sa place ici."


def incomplete(expected: Iterable[str], *, at_end: bool) -> str:
    """What is missing inside a line."""
    wanted = set(expected)
    nouns = [_NOUNS[kind] for kind in _NOUNS if kind in wanted][:_MOST]
    if not nouns:
        return "Cette ligne n’est pas complète." if at_end else "Je ne comprends pas cette ligne."
    listed = nouns[0] if len(nouns) == 1 else f"{', '.join(nouns[:-1])} ou {nouns[-1]}"
    if at_end:
        return f"Il manque {listed} à la fin de cette ligne."
    return f"J’attends ici {listed}."
