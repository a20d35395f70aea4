"""Texts as comparisons see them: without case or accents, the same on both stores.

SQLite calls the Python function; PostgreSQL writes the same thing with `translate`, which needs
no extension and no particular locale.
"""

import unicodedata
from typing import Any

from sqlalchemy import Column, ColumnElement, func
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
    # Calling Python costs ten times what SQLite does by itself, and most texts need nothing of it.
    plain = f"{written} NOT GLOB '*[^\x01-\x7f]*'"
    return f"CASE WHEN {plain} THEN lower({written}) ELSE relance_fold({written}) END"


def folded(column: ColumnElement[Any]) -> ColumnElement[str]:
    """`column` as comparisons see it."""
    return func.relance_fold(column)
