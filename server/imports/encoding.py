"""How a text file is written: its encoding and its separator, told from its first part.

Excel in French writes CSV in Windows-1252 with semicolons; its « Texte Unicode » is UTF-16 with
tabs. The standard library's sniffer guesses from any character: here three separators are
counted, outside quotes, in the line of the heading first.
"""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.imports import likelihood
from server.imports.sheet import BadFile

#: Enough to tell; a file that is sound so far is read on with what was told.
SAMPLE = 1 << 20
_MARKS: Sequence[tuple[bytes, str, str]] = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
SEPARATORS = (";", ",", "\t")
#: The line by which Excel is told the separator: no row of the file.
_DECLARED = re.compile(r"\ufeff?\"?sep=([;,\t|])\"?[ \t]*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
SHOWN = {";": "« ; »", ",": "« , »", "\t": "tabulation", "|": "« | »"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by Python's name, and as people call it."""

    name: str
    shown: str


#: Said of what nobody could read as a table.
NO_TABLE = (
    "Il n’est ni un CSV ni un classeur Excel (.xlsx). Ouvrez-le dans le logiciel d’où il vient et "
    "enregistrez-le en CSV."
)
#: Of a thousand bytes, so many that no text holds are those of something else.
_MOST_STRANGE = 5
_STRANGE = bytes(one for one in range(32) if one not in b"\t\n\v\f\r\x1a")


def encoding_of(sample: bytes, whole: bool) -> Encoding:
    """The encoding of a file that begins so (`whole`: and that ends so).

    `BadFile`, with a glimpse of each reading, when nobody could tell.
    """
    for mark, name, shown in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, shown)
    unmarked = _unmarked_utf16(sample)
    if unmarked:
        return Encoding(unmarked, "UTF-16")
    strange = len(sample) - len(sample.translate(None, _STRANGE))
    if strange * 1_000 > len(sample) * _MOST_STRANGE:
        raise BadFile(f"Ce fichier n’est pas un texte. {NO_TABLE}")
    if _is_utf8(sample, whole):
        return Encoding("utf-8", "UTF-8")
    found = likelihood.likeliest(sample)
    if found is None:
        raise BadFile(_doubt(likelihood.readings(sample)))
    return Encoding(found.name, found.shown)


def _doubt(readings: Sequence[likelihood.DecodedText]) -> str:
    """What a person needs to tell in which encoding a file is."""
    seen = "\n".join(f"  {one.shown} : {_glimpse(one.text)}" for one in readings)
    return (
        "Les lettres accentuées de ce fichier ne se lisent sûrement dans aucun encodage. Selon "
        f"celui qu’on suppose, elles donnent :\n{seen}\nOuvrez le fichier dans le logiciel d’où "
        "il vient et enregistrez-le en « CSV UTF-8 » ou en classeur Excel (.xlsx)."
    )


def _glimpse(text: str) -> str:
    """The first words that tell one reading from another."""
    words = dict.fromkeys(_WORD_BEYOND_ASCII.findall(text))
    shown = ", ".join(f"« {word[:40]} »" for word in list(words)[:3])
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in shown)


_WORD_BEYOND_ASCII = re.compile(r"[^\s;,\"]{0,30}[^\x00-\x7f][^\s;,\"]{0,30}")
#: Of a hundred sequences that are not ASCII, those UTF-8 may have wrong and still be what it is.
_TOLERATED = 0.05


def _is_utf8(sample: bytes, whole: bool) -> bool:
    """UTF-8, or nearly: one damaged row does not make another encoding of a large file."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(sample, final=whole)
    wrong = text.count("\ufffd")
    right = sum(1 for sign in text if sign > "\x7f") - wrong
    return wrong == 0 or wrong <= right * _TOLERATED


def _unmarked_utf16(sample: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of a Latin text is nul."""
    start = sample[:2_000]
    if len(start) < 4:
        return None
    half = len(start) // 2
    if start[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) > half * 0.6 else None


def declared_separator(sample: str) -> str | None:
    """The separator a file says itself in its first line (« sep=; »)."""
    declared = _DECLARED.match(sample)
    return declared[1] if declared else None


def separator_of(sample: str) -> str:
    """The separator of a text that begins so: the one that cuts its lines alike."""
    lines = _outside_quotes(sample).splitlines()[:50]
    lines = [line for line in lines if line.strip()]
    if not lines:
        return ";"
    return max(SEPARATORS, key=lambda sign: _fitness(sign, lines))


def _fitness(sign: str, lines: Sequence[str]) -> tuple[int, int]:
    first = lines[0].count(sign)
    alike = sum(1 for line in lines if first and line.count(sign) == first)
    return (alike, first)


def _outside_quotes(sample: str) -> str:
    """The sample less what stands between quotes."""
    return "".join(sample.split('"')[::2])
