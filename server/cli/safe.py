"""Words from outside, made safe for a terminal.

A form's name, a script or an argument may hold escape sequences that would repaint the operator's
screen, signs that turn the reading order round, and brackets that rich would take for markup.
"""

from rich.markup import escape

from relance.legible import KEPT, LINES


def shown(text: str) -> str:
    """`text` as a terminal may show it, its lines as they are."""
    if text.isascii() and text.isprintable():
        return text
    return _kept(text, LINES)


def safe(text: str) -> str:
    """`text` on one line, as rich may print it."""
    return escape(_kept(text, KEPT))


def _kept(text: str, also: frozenset[str]) -> str:
    return "".join(c if c.isprintable() or c in also else "\ufffd" for c in text)
