"""What the author of a line of TOML may have meant: its readings, the likeliest first.

None is a proposal yet: who tells one has first given it to TOML’s own reader.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Final, NamedTuple

from relance.fold import setting_of

_STATEMENT = re.compile(r"(\s*)([^=:]*?)(\s*)([=:])(\s*)(.*?)(\s*)$")
_CURLY = re.compile(r"[“„‟«]\s?|\s?[”»]")
_TRUE = frozenset({"oui", "vrai", "true", "yes", "on", "activé", "active"})
_FALSE = frozenset({"non", "faux", "false", "no", "off", "désactivé", "desactive"})
_COMMA = re.compile(r"[+-]?\d+,\d+")
_BLANK = "[ \u00a0\u2009\u202f]"
_GROUPED = re.compile(rf"[+-]?[1-9]\d{{0,2}}({_BLANK}\d{{3}})+([.,]\d+)?")
#: Eight figures and more, or a zero first, are a telephone number, which is a text.
_APART = re.compile(rf"(?=(?:{_BLANK}*\d){{2,7}}$)[1-9]\d*({_BLANK}\d+)+")
#: What somebody may have meant in two ways: « 1.000,5 », « 30 minutes ».
_SEPARATED = re.compile(r"[+-]?\d[\d.]*,[\d.,]*")
_MEASURED = re.compile(
    rf"[\d.,]+{_BLANK}*(%|[$€]|[kmg]?o|ms|s|min|h|j|mois|ans?|secondes?|minutes?|heures?|jours?|semaines?)",
    re.IGNORECASE,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ITEM = re.compile(r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^,])+")
OPEN: Final = "Cette liste n’est pas fermée : il lui manque « ] »."
MISSING: Final = "Entre deux valeurs d’une liste, il faut une virgule."


class Guess(NamedTuple):
    """A slip that would explain the fault: its code, what to say, and the text put right."""

    code: str
    message: str
    fixed: str


def fault_of(text: str) -> str | None:
    """What the reader stops at; None when it reads it all."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return str(error)
    return None


def doubtful(line: str) -> tuple[str, str] | None:
    """What is told, as a code and a sentence, of a value that has two readings; None of others."""
    value = commented(line.partition("=")[2].strip())[0]
    if _SEPARATED.fullmatch(value):
        return (
            "R123",
            "Un nombre s’écrit sans séparateur de milliers, ses décimales après un point.",
        )
    if _MEASURED.fullmatch(value):
        return "R120", "Un texte se met entre guillemets droits ; un nombre s’écrit sans unité."
    return None


def of_statement(line: str) -> Iterator[Guess]:
    """The slips a line may hold."""
    yield Guess("R125", MISSING, line)
    straight = _CURLY.sub('"', line)
    if straight != line:
        yield Guess("R119", "Les textes se mettent entre guillemets droits.", straight)
    if line.strip().startswith("["):
        shut = re.sub(r"^\s*(\[+)\s*([^\]#]*?)\s*\]*\s*$", _header, line)
        yield Guess("R124", "Le nom d’une section se met entre crochets.", shut)
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
            yield Guess("R125", said, f"{start}{fixed}")
    for code, message, fixed in _values(value):
        yield Guess(code, message, f"{start}{fixed}")


def _header(found: "re.Match[str]") -> str:
    return f"{found[1]}{found[2]}{']' * len(found[1])}"


def _values(value: str) -> Iterator[Guess]:
    """The slips a value may hold."""
    bare, comment = commented(value)
    for code, message, fixed in (*_words(bare), *_numbers(bare), *_lists(bare), *_texts(bare)):
        yield Guess(code, message, fixed + comment)


def commented(text: str) -> tuple[str, str]:
    """A text, and the comment after it."""
    found = re.fullmatch(r"(.*?)(\s+#.*|\s*)", text)
    return (found[1], found[2]) if found else (text, "")


def _words(bare: str) -> Iterator[Guess]:
    if bare.casefold() in _TRUE | _FALSE:
        said = "Oui s’écrit « true », et non « false », sans guillemets."
        yield Guess("R122", said, "true" if bare.casefold() in _TRUE else "false")


def _numbers(bare: str) -> Iterator[Guess]:
    if _COMMA.fullmatch(bare):
        said = "Dans ce fichier, les décimales suivent un point."
        yield Guess("R123", said, bare.replace(",", "."))
    if _GROUPED.fullmatch(bare) or _APART.fullmatch(bare):
        joined = re.sub(_BLANK, "", bare).replace(",", ".")
        yield Guess("R123", "Un nombre s’écrit sans espaces.", joined)


def _lists(bare: str) -> Iterator[Guess]:
    if bare.startswith("[") and bare.endswith("]"):
        yield from (one._replace(fixed=f"[{one.fixed}]") for one in _items(bare[1:-1]))
    elif bare.startswith("[") and bare.strip("[ "):
        yield Guess("R124", OPEN, f"{bare}]")
    elif bare[:1] in {'"', "'"}:
        if bare[-1] in ",;":
            yield Guess("R125", "Rien ne suit la valeur d’un réglage.", bare[:-1].rstrip())
        yield Guess("R125", "Plusieurs valeurs font une liste, entre crochets.", f"[{bare}]")


def _items(inside: str) -> Iterator[Guess]:
    """The items of a list, each read as a value; what is told is the slip of the first."""
    first: Guess | None = None
    fixed: list[str] = []
    for item in (one.strip() for one in _ITEM.findall(inside)):
        if _GROUPED.fullmatch(item) or _APART.fullmatch(item):
            return  # one number, or several: nobody knows
        guess = None if fault_of(f"a = {item}") is None else next(_readable(item), None)
        first = first or guess
        fixed.append(guess.fixed if guess else item)
    if first is not None:
        yield first._replace(fixed=", ".join(fixed))


def _readable(item: str) -> Iterator[Guess]:
    return (one for one in _values(item) if fault_of(f"a = {one.fixed}") is None)


def _texts(bare: str) -> Iterator[Guess]:
    if bare[:1] in {'"', "'"}:
        said = "Ce texte n’est pas fermé : il lui manque son dernier guillemet."
        yield Guess("R124", said, bare + bare[0])
    if doubtful(f"a = {bare}"):
        return
    inside = bare.strip("‘’'`\"") if bare[:1] in ("‘", "’", "`") else bare
    if inside and not set(inside) & set('"\\[]{}') and inside[0] not in "'":
        yield Guess("R120", "Un texte se met entre guillemets droits.", f'"{inside}"')


def of_items(line: str) -> Iterator[Guess]:
    """The slips a line of a list may hold."""
    yield Guess("R125", MISSING, line)
    straight = _CURLY.sub('"', line)
    if straight != line:
        yield Guess("R119", "Les textes se mettent entre guillemets droits.", straight)
    bare, comment = commented(line)
    found = re.fullmatch(r"(\s*)(.*?)(\s*,?\s*\]?)", bare)
    if found is not None and found[2]:
        for one in _items(found[2]):
            yield one._replace(fixed=f"{found[1]}{one.fixed}{found[3]}{comment}")
