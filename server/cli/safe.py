"""Words from outside, made safe for a terminal.

A form's name or a lead's may hold escape sequences that would repaint the operator's screen, and
brackets that rich would take for markup.
"""

from rich.markup import escape

#: Not « printable » for Python, yet harmless and needed: no-break spaces, emoji joiners.
_KEPT = frozenset("\u00a0\u202f\u200d\ufe0f")


def safe(text: str) -> str:
    """`text` as rich may print it."""
    return escape("".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in text))
