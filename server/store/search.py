"""Texts as comparisons see them: without case or accents, the same on both stores.

SQLite calls the Python function; PostgreSQL writes the same thing with `translate`, which needs
no extension and no particular locale.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, case, cast, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Text

_LONGER = {
    "œ": "oe",
    "Œ": "oe",
    "æ": "ae",
    "Æ": "ae",
    "ß": "ss",
    "’": "'",
    "\u00a0": " ",
    "\u202f": " ",
}


def search_key(text: str) -> str:
    """The text without case or accents."""
    if text.isascii():
        return text.lower()
    return "".join(_fold(character) for character in unicodedata.normalize("NFC", text))


def _fold(character: str) -> str:
    if character < "\x80":
        return character.lower()
    return _LONGER.get(character) or _TABLE.get(character) or character


def _accented() -> dict[str, str]:
    found = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base.isascii() and base.isalpha() and len(unicodedata.normalize("NFKD", chr(code))) == 2:
            found[chr(code)] = base
    return found


_TABLE = _accented()


class relance_fold(GenericFunction[str]):  # noqa: N801 — the name SQL knows it by
    """`search_key`, in SQL."""

    type = Text()
    inherit_cache = True


@compiles(relance_fold, "postgresql")
def _on_postgresql(element: relance_fold, compiler: SQLCompiler, **options: Any) -> str:
    written = "normalize(" + compiler.process(element.clauses, **options) + ")"
    for character, base in _LONGER.items():
        written = f"replace({written}, '{character}', '{base.replace(chr(39), chr(39) * 2)}')"
    return f"lower(translate({written}, '{''.join(_TABLE)}', '{''.join(_TABLE.values())}'))"


@compiles(relance_fold, "sqlite")
def _on_sqlite(element: relance_fold, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = element.clauses
    written = compiler.process(text, **options)
    if not isinstance(text, Column):
        return f"relance_fold({written})"
    # Calling Python costs ten times what SQLite does by itself, and most texts need nothing of it:
    # those of as many bytes as characters. To look for another sign in each takes twice as long.
    accented = f"length(CAST({written} AS BLOB)) != length({written})"
    return f"CASE WHEN {accented} THEN relance_fold({written}) ELSE lower({written}) END"


def folded(column: ColumnElement[Any]) -> ColumnElement[str]:
    """`column` as comparisons see it."""
    return func.relance_fold(column)


# --- Words looked for among many texts ----------------------------------------------------------

_WILD = re.compile(r"([\\%_])")
#: On SQLite: the texts that no pattern of single letters answers for, as one of theirs stands for two,
#: or is made of two.
_ODD = "*[^\x01-\x7f\u00c0-\u00c5\u00c7-\u00de\u00e0-\u00e5\u00e7-\u0151\u0154-\u024f]*"


def _spelt() -> Mapping[str, str]:
    """By letter without accent, all that it is written as."""
    found: dict[str, str] = defaultdict(str)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        found[letter] = letter + letter.upper()
    for accented, base in _TABLE.items():
        found[base] += accented
    return found


_SPELT = _spelt()


def bears(
    column: ColumnElement[Any], word: str, dialect: str, *, inside: bool
) -> ColumnElement[bool]:
    """Whether `column`, as comparisons see it, begins with that word of `search_key`; or holds it.

    As `folded(column).like(…)` says it, at a third of its cost on SQLite: the texts of usual letters,
    which are nearly all, are told by its own patterns, and no other is folded.
    """
    start = "%" if inside else ""
    said = folded(column).like(start + _WILD.sub(r"\\\1", word) + "%", escape="\\")
    if dialect != "sqlite":
        return said
    pattern = ("*" if inside else "") + "".join(map(_letter, word)) + "*"
    plain = or_(
        func.length(column) == func.length(cast(column, LargeBinary)),
        column.op("NOT GLOB")(_ODD),
    )
    return case((plain, column.op("GLOB", is_comparison=True)(pattern)), else_=said)


def _letter(one: str) -> str:
    """Whatever is folded to that letter, in a pattern of SQLite's."""
    return f"[{_SPELT.get(one, one)}]" if one in _SPELT or one in "*?[" else one
