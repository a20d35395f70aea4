"""A TOML file of the project, read for somebody who is no programmer: each line that cannot be read is
told with its place and what to write instead, all of them at once.

TOML's reader stops at the first error and tells it in English. Here the line it stops at is put right
(or left out), which is also how a proposal is known to be accepted, and the file is read again.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relance.errors import ConfigurationError
from relance.fault import Fault
from relance.fold import setting_of
from relance.french import quoted

CODES: Final = {
    "R119": "Guillemets typographiques dans un réglage",
    "R120": "Guillemets manquants autour d’un réglage",
    "R121": "Réglage ou section écrits deux fois",
    "R122": "Oui ou non mal écrit dans un réglage",
    "R123": "Virgule dans un nombre d’un réglage",
    "R124": "Texte ou liste jamais fermés dans un réglage",
    "R125": "Ligne de réglage illisible",
}
MOST_TOLD = 20
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_STATEMENT = re.compile(r"(\s*)([^=:]*?)(\s*)([=:])(\s*)(.*?)(\s*)$")
_CURLY = re.compile(r"[“”„‟«»]\s?|\s?[»”]")
_TRUE = frozenset({"oui", "vrai", "true", "yes", "on", "activé", "active"})
_FALSE = frozenset({"non", "faux", "false", "no", "off", "désactivé", "desactive"})
_COMMA = re.compile(r"[+-]?\d+,\d+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
#: What a section written twice is read as, so that its settings are not taken for another's.
_AGAIN = "_encore"
_FORM = 'Un réglage s’écrit sur une ligne, comme « ville = "Québec" » ou « port = 8080 ».'


class Unreadable(ConfigurationError):
    """Lines of a TOML file that cannot be read; `faults` holds each."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        others = len(faults) - 1
        more = (
            f" D’autres lignes ne se lisent pas ({others}) : « relance check » les montre toutes."
        )
        super().__init__(
            f"« {first.file} », ligne {first.line}, colonne {first.column} ({first.code}) : "
            f"{first.message}{more if others else ''}"
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, its unreadable lines put right or left out, and what is wrong with them."""

    data: dict[str, object]
    faults: tuple[Fault, ...]


def read(text: str, file: str) -> Reading:
    """What a TOML text says; `file` is how its faults name it."""
    lines = text.replace("\r\n", "\n").split("\n")
    faults: list[Fault] = []
    while True:
        try:
            data = tomllib.loads("\n".join(lines))
            data.pop(_AGAIN, None)
            return Reading(data, tuple(faults))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            if len(faults) == MOST_TOLD:
                return Reading({}, tuple(faults))
            at, column = _place(str(error), lines)
            slip = _slip(lines, at, str(error))
            faults.append(Fault(file, at + 1, slip.message, slip.column or column, slip.code))
            if slip.line is None and not lines[at].strip():
                return Reading({}, tuple(faults))
            lines[at] = slip.line or ""
            if slip.code == "R124" and slip.line is None:
                del lines[at:]  # nobody knows where it was to end


@dataclass(frozen=True, slots=True)
class _Slip:
    """What is wrong with a line, and the line put right when that is known to be accepted."""

    code: str
    message: str
    line: str | None = None
    column: int = 0


def _place(error: str, lines: list[str]) -> tuple[int, int]:
    """The index of the line an error is about, and its column."""
    found = _PLACE.search(error)
    if found and int(found[1]) <= len(lines) and lines[int(found[1]) - 1].strip():
        return int(found[1]) - 1, int(found[2])
    for at in reversed(range(int(found[1]) if found else len(lines))):
        if at < len(lines) and re.search(r"=\s*(\[[^\]]*$|\{[^}]*$|\"\"\"|''')", lines[at]):
            return at, lines[at].index("=") + 1
    written = [at for at, line in enumerate(lines) if line.strip()]
    return (written or [0])[-1], 1


def _slip(lines: list[str], at: int, error: str) -> _Slip:
    """What the author most likely meant by a line that stopped the reader."""
    line = lines[at]
    if re.search(r"overwrite|twice|already|immutable|mutate", error):
        return _twice(lines, at)
    for code, message, fixed in _readings(line):
        if _accepted(lines, at, fixed):
            column = next(
                (i for i, (a, b) in enumerate(zip(line, fixed, strict=False)) if a != b), len(line)
            )
            said = f"{message} Écrivez plutôt : {fixed.strip()}"
            return _Slip(code, said, fixed, min(column, len(line)) + 1)
    if re.search(r"[\[\"'{]", line) and re.search(r"Unclosed|Unterminated|Illegal|end of", error):
        return _Slip("R124", "Un texte, une liste ou une section s’ouvre ici et ne se ferme pas.")
    return _Slip("R125", f"Cette ligne ne peut pas être lue. {_FORM}")


def _readings(line: str) -> Iterator[tuple[str, str, str]]:
    """The slips a line may hold: a code, what to say, and the line put right."""
    straight = _CURLY.sub('"', line)
    if straight != line:
        yield "R119", "Les textes se mettent entre guillemets droits.", straight
    if line.strip().startswith("["):
        shut = re.sub(r"^\s*(\[+)\s*([^\]#]*?)\s*\]*\s*$", _header, line)
        yield "R124", "Le nom d’une section se met entre crochets.", shut
    found = _STATEMENT.match(line)
    if found is None or not found[2]:
        return
    indent, key, _, sign, _, value, _ = found.groups()
    named = key if _BARE_KEY.fullmatch(key) or key[0] in "\"'" else setting_of(key)
    start = f"{indent}{named} = "
    if sign == ":" or named != key:
        said = "Entre un réglage et sa valeur, le signe est « = »."
        if named != key:
            said = "Le nom d’un réglage s’écrit sans accents, sans espaces, suivi de « = »."
        for fixed in (value, *(fixed for _, _, fixed in _values(value))):
            yield "R125", said, f"{start}{fixed}"
    for code, message, fixed in _values(value):
        yield code, message, f"{start}{fixed}"


def _header(found: "re.Match[str]") -> str:
    return f"{found[1]}{found[2]}{']' * len(found[1])}"


def _values(value: str) -> Iterator[tuple[str, str, str]]:
    """The same of a value alone."""
    bare, comment = re.fullmatch(r"(.*?)(\s+#.*)?", value).groups("")  # type: ignore[union-attr]
    if bare.casefold() in _TRUE | _FALSE:
        fixed = "true" if bare.casefold() in _TRUE else "false"
        yield "R122", "Oui s’écrit « true », et non « false », sans guillemets.", fixed + comment
    if _COMMA.fullmatch(bare):
        said = "Dans ce fichier, les décimales suivent un point."
        yield "R123", said, bare.replace(",", ".") + comment
    if bare[:1] in ('"', "'") and bare[:1]:
        said = "Ce texte n’est pas fermé : il lui manque son dernier guillemet."
        yield "R124", said, bare + bare[0] + comment
    if bare.startswith("[") and not bare.endswith("]"):
        yield "R124", "Cette liste n’est pas fermée : il lui manque « ] ».", f"{bare}]{comment}"
    inside = bare.strip("‘’'`\"") if bare[:1] in ("‘", "’", "`") else bare
    if inside and not set(inside) & set('"\\[]{}') and inside[0] not in "'":
        said = "Un texte se met entre guillemets droits."
        yield "R120", said, f'"{inside}"{comment}'


def _accepted(lines: list[str], at: int, fixed: str) -> bool:
    """Whether the reader goes past a line once it is put right."""
    try:
        tomllib.loads("\n".join((*lines[:at], fixed)))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


def _twice(lines: list[str], at: int) -> _Slip:
    """A key or a section that was written above."""
    line = lines[at]
    header = line.strip().startswith("[")
    name = line.strip() if header else line.partition("=")[0].strip()
    start = 0
    if not header:  # keys are compared within their section
        start = max((n for n in range(at) if lines[n].strip().startswith("[")), default=0)
    first = next(
        (
            n + 1
            for n in range(start, at)
            if (lines[n] if header else lines[n].partition("=")[0]).strip() == name
        ),
        None,
    )
    where = f" à la ligne {first}" if first else " plus haut"
    kept = "réunissez les deux sections" if header else "gardez une seule des deux lignes"
    aside = f"[{_AGAIN}.n{at}]" if header else None
    return _Slip("R121", f"{quoted(name)} est déjà écrit{where} : {kept}.", aside, 1)
