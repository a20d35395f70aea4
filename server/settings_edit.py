"""One setting of a TOML file changed in its text: comments, order and spaces stay those of its author.

What comes out is read again and must say what was asked, and else the very same: a file that cannot be
changed so is left as it is.
"""

import json
import re
import tomllib
from typing import TypeAlias

from relance.fold import setting_of

#: What a setting may be given.
Written: TypeAlias = str | int | float | bool | tuple[str, ...]

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_ANY_HEADER = re.compile(r"\s*\[")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^=#\[\s\"']+)\s*=")


class UnwritableSetting(Exception):
    """It cannot be changed in that text without changing something else."""


def with_value(text: str, section: str, key: str, value: Written | None) -> str:
    """The text with that setting; None: without it. Names are folded."""
    lines = text.replace("\r\n", "\n").split("\n")
    at, begins = _find(lines, section, key)
    if at is not None:
        name = _KEY.match(lines[at])
        written = name[1] if name else key
        new = [] if value is None else [f"{written} = {toml(value)}{_comment(lines[at])}"]
        lines[at : at + 1] = new
    elif value is not None:
        _add(lines, section, begins, f"{key} = {toml(value)}")
    changed = "\n".join(lines)
    _verify(text, changed, section, key, value)
    return changed


def toml(value: Written) -> str:
    """As TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _find(lines: list[str], section: str, key: str) -> tuple[int | None, int | None]:
    """The line of a setting, and that of its section; None of what is not there."""
    inside, begins = "", None if section else -1
    for at, line in enumerate(lines):
        if _ANY_HEADER.match(line):
            header = _HEADER.fullmatch(line)
            inside = setting_of(header[1].strip("\"' ")) if header else "[["
            if header and inside == section:
                begins = at
            continue
        named = _KEY.match(line) if inside == section else None
        if named and setting_of(named[1].strip("\"'")) == key:
            return at, begins
    return None, begins


def _add(lines: list[str], section: str, begins: int | None, line: str) -> None:
    if begins is None:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += [*([""] if lines else []), f"[{section}]", line, ""]
    elif section:
        lines.insert(begins + 1, line)
    else:
        first = next((at for at, one in enumerate(lines) if _ANY_HEADER.match(one)), len(lines))
        while first and not lines[first - 1].strip():
            first -= 1
        lines.insert(first, line)


def _comment(line: str) -> str:
    """What is said after a value on its line."""
    for sign in re.finditer("#", line):
        try:
            tomllib.loads(line[: sign.start()])
        except tomllib.TOMLDecodeError:
            continue
        return line[len(line[: sign.start()].rstrip()) :]
    return ""


def _verify(before: str, after: str, section: str, key: str, value: Written | None) -> None:
    try:
        expected, found = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise UnwritableSetting from error
    for tree in (expected, found):
        _drop(tree, section, key)
    whole = tomllib.loads(after)
    came = _value(whole, section, key)
    wanted = list(value) if isinstance(value, tuple) else value
    if expected != found or came != wanted or type(came) is not type(wanted):
        raise UnwritableSetting


def _within(tree: dict[str, object], section: str) -> dict[str, object]:
    if not section:
        return tree
    inside = next((tree[name] for name in tree if setting_of(name) == section), None)
    return inside if isinstance(inside, dict) else {}


def _drop(tree: dict[str, object], section: str, key: str) -> None:
    inside = _within(tree, section)
    for name in [name for name in inside if setting_of(name) == key]:
        del inside[name]
    for name in [name for name, one in tree.items() if section and one == {}]:
        if setting_of(name) == section:
            del tree[name]


def _value(tree: dict[str, object], section: str, key: str) -> object:
    inside = _within(tree, section)
    return next((one for name, one in inside.items() if setting_of(name) == key), None)


def place_of(text: str, section: str, key: str) -> int | None:
    """The line of a setting, from one; None where its text does not tell."""
    at, _ = _find(text.replace("\r\n", "\n").split("\n"), section, key)
    return None if at is None else at + 1
