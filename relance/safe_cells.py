"""Cells of a CSV file that no spreadsheet runs, and the way back.

A text that begins with « = », « + », « - » or « @ », written in whatever width or place, or with
those after spaces and signs nobody sees, is a formula to some spreadsheet that opens the file; a
tab or a return can move what follows to a cell of its own. Such a text gains an apostrophe before,
which reading takes off again: what goes out comes back as it was.
"""

import re
from unicodedata import category, normalize

#: A number, a telephone included (« +15145550123 »): there is nothing to run in it, and other
#: tools read it as it stands.
_NUMBER = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)?")
_SIGNS = frozenset("=+-@")
_MOVES = frozenset("\t\r\n")
#: Signs of minus, which no normal form makes a hyphen.
_MINUSES = frozenset("\u2212\u207b\u208b")
#: Letters and marks that show nothing, beside the controls: what Unicode has programs leave out
#: where they cannot show it (Default_Ignorable_Code_Point), points kept for later included.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0")
_BLANKS = (
    ("\u180b", "\u180f"),
    ("\ufe00", "\ufe0f"),
    ("\ufff0", "\ufff8"),
    ("\U000e0000", "\U000e0fff"),
)
_SEPARATORS = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def defused(text: str) -> str:
    """`text` as a CSV file may hold it."""
    dangerous = _dangerous(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if dangerous else text


def plain(cell: str) -> str:
    """A cell as it was before `defused`."""
    return cell[1:] if cell.startswith("'") and _dangerous(cell) else cell


def _dangerous(text: str) -> bool:
    for sign in text:
        if sign.isascii() and sign.isalnum():
            return False
        if sign in _SIGNS or sign in _MOVES:
            return True
        if sign != "'" and not _unseen(sign):
            return sign in _MINUSES or normalize("NFKC", sign)[:1] in _SIGNS
    return False


def _unseen(sign: str) -> bool:
    return (
        sign in _BLANK
        or category(sign) in _SEPARATORS
        or any(first <= sign <= last for first, last in _BLANKS)
    )
