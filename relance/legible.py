"""Words from outside, as a file, a page or an answer of ours may hold them.

A text of a stranger's may hold what a terminal obeys (`cat` of an export, `curl` of an answer), what
turns the reading order round, and what nobody sees. None of it is ever part of what was meant.
"""

import json
from unicodedata import category

#: Format signs that languages and emoji are written with: joiners, the soft hyphen.
_NEEDED = frozenset("\u200c\u200d\u00ad\n\t")
_COMMANDS = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
#: Not « printable » for Python, yet harmless and needed: no-break spaces, emoji joiners.
KEPT = frozenset("\u00a0\u202f\u200d\ufe0f")
LINES = KEPT | {"\n"}
_WITHOUT_LINES = dict.fromkeys(map(ord, LINES))


def legible(text: str) -> str:
    """`text` without the signs that command whoever shows it, or hide in it; its lines stay."""
    # Nearly every text has nothing of the kind, accents and all: sign by sign, a page of tables took
    # as long as all else that made it.
    if text.isprintable() or not _unsafe(text):
        return text
    return "".join(one for one in text if one in _NEEDED or category(one) not in _COMMANDS)


def in_json(data: object, indent: int | None = None) -> str:
    """That data as JSON, nothing in it a terminal would obey: such signs are escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return "".join(map(_escaped, text)) if _unsafe(text) else text


def _unsafe(text: str) -> bool:
    # At once: sign by sign, an export or the document of the interface took a tenth of a second.
    return not text.translate(_WITHOUT_LINES).isprintable()


def _safe(sign: str) -> bool:
    return sign.isprintable() or sign in LINES


def _escaped(sign: str) -> str:
    if _safe(sign):
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
