"""What a message says of itself above its text, between two lines of dashes: its name, its nature.

A message that a script writes in place is a file under a name nobody chose; a message whose name
holds what no file's may (« Rappel : demain ? ») says it the same way.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from relance.fold import loose_key
from relance.french import quoted
from relance.nature import Nature

#: What a message that is only a text may say of itself.
NAME, NATURE = "nom", "nature"
_KEYS = (NAME, NATURE)
_RULE = r"---[ \t]*\n"
_BLOCK = re.compile(rf"{_RULE}(?P<lines>(?:[ \t]*[^\n:-][^\n:]*:[^\n]*\n)+){_RULE[:-2]}(?:\n|$)")
_ANY = re.compile(rf"{_RULE}(?P<lines>.*?\n){_RULE[:-2]}(?:\n|$)", re.DOTALL)


def head(words: str) -> str:
    """What stands before the text of a message so named."""
    return f"---\n{NAME}: {' '.join(words.split())}\n---\n"


def named(source: str, otherwise: str) -> tuple[str, str]:
    """The name a text gives itself, else `otherwise`, and the text below it, on the same lines."""
    found = _heading(source)
    if found is None:
        return otherwise, source
    said = {key: value for key, value, _ in _lines(found)}
    return said.get(NAME) or otherwise, "\n" * found[0].count("\n") + source[found.end() :]


def nature_of(source: str) -> Nature:
    """What the text of any message says it is; one that cannot be read is marketing."""
    return Nature.read(front(source).get(NATURE, "")) or Nature.MARKETING


def front(source: str) -> Mapping[str, str]:
    """The lines « clé: valeur » between dashes above the text of any message, by loose key."""
    found = _ANY.match(source)
    return {} if found is None else {key: value for key, value, _ in _lines(found)}


def misnamed(source: str) -> Sequence[tuple[int, str]]:
    """What is wrong with what a text says of itself: how many lines from its first, and why."""
    found = _heading(source)
    return [] if found is None else list(_wrong(found))


def wrong_nature(text: str) -> str | None:
    """Why that is no nature; None when it is one."""
    if Nature.read(text) is not None:
        return None
    known = " ou ".join(quoted(one.value) for one in Nature)
    return f"{quoted(text)} n’est pas une nature de message ; écrire {known}"


def _wrong(found: re.Match[str]) -> Iterator[tuple[int, str]]:
    seen = set()
    for key, value, line in _lines(found):
        if key not in _KEYS:
            known = " ou ".join(quoted(one) for one in _KEYS)
            yield line, f"{quoted(key)} n’est pas un réglage de ce message ; écrire {known}"
        elif key in seen:
            yield line, f"{quoted(key)} est donné deux fois"
        elif key == NATURE and (why := wrong_nature(value)):
            yield line, why
        seen.add(key)


def _heading(source: str) -> re.Match[str] | None:
    """The lines between dashes, when any of them is one of ours, perhaps misspelt."""
    found = _BLOCK.match(source)
    if found is None:
        return None
    keys = (key for key, _, _ in _lines(found))
    return found if any(get_close_matches(key, _KEYS, cutoff=0.75) for key in keys) else None


def _lines(found: re.Match[str]) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate(found["lines"].split("\n"), 1):
        name, colon, value = line.partition(":")
        if colon and not name.lstrip().startswith("#"):
            yield loose_key(name), value.strip().strip("\"'").strip(), number
