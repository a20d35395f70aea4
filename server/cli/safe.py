"""Words from outside, made safe for a terminal.

A form's name, a script or an argument may hold escape sequences that would repaint the operator's
screen, signs that turn the reading order round, and brackets that rich would take for markup.
"""

import re

from rich.markup import escape

#: Not « printable » for Python, yet harmless and needed: no-break spaces, emoji joiners.
_KEPT = frozenset("\u00a0\u202f\u200d\ufe0f")
_LINES = _KEPT | {"\n"}


def shown(text: str) -> str:
    """`text` as a terminal may show it, its lines as they are."""
    if text.isascii() and text.isprintable():
        return text
    return _kept(text, _LINES)


def safe(text: str) -> str:
    """`text` on one line, as rich may print it."""
    return escape(_kept(text, _KEPT))


def in_json(text: str) -> str:
    """JSON that says the same, nothing in it a terminal would obey: such signs are escaped."""
    return re.sub(r"[^\n]", lambda found: _escaped(found[0]), text) if _unsafe(text) else text


def _kept(text: str, also: frozenset[str]) -> str:
    return "".join(c if c.isprintable() or c in also else "\ufffd" for c in text)


def _unsafe(text: str) -> bool:
    return any(not c.isprintable() and c not in _LINES for c in text)


def _escaped(sign: str) -> str:
    if sign.isprintable() or sign in _KEPT:
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
