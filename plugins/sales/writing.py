"""`equipe.toml` with one person more, changed or less: the comments and the order stay its author's."""

import json
import re

from plugins.sales.team import FILE, read
from relance.fold import fold, loose_key
from relance.person import Person
from relance.project_files import ProjectFiles

_HEADER = re.compile(r"\s*\[\[\s*\"?personne\"?\s*\]\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^=#\[\s\"']+)\s*=")


def with_person(files: ProjectFiles, former: str, person: Person | None) -> str | None:
    """The file where `former` is that person (added, without a `former`; taken out, without a person).

    None where that cannot be written without changing something else.
    """
    team = read(files)
    before = {fold(one.name): one for one in team.people}
    if team.faults or (former and fold(former) not in before):
        return None
    data = files.contents.get(FILE, b"")
    lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    if former:
        begin, end = _block(lines, [*before].index(fold(former)))
        lines[begin:end] = _changed(lines[begin:end], person) if person is not None else []
    elif person is not None:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += [*([""] if lines else []), "[[personne]]", *_said(person), ""]
    text = "\n".join(lines)
    expected = [person if fold(one.name) == fold(former) else one for one in team.people]
    expected += [person] if not former else []
    return text if _reads(files, text) == [one for one in expected if one is not None] else None


def _reads(files: ProjectFiles, text: str) -> list[Person] | None:
    found = read(ProjectFiles({**files.contents, FILE: text.encode()}))
    return None if found.faults else list(found.people)


def _block(lines: list[str], number: int) -> tuple[int, int]:
    """The lines of a person, from its header to what precedes the next one."""
    starts = [at for at, line in enumerate(lines) if _HEADER.fullmatch(line)]
    end = starts[number + 1] if number + 1 < len(starts) else len(lines)
    # A comment just above the next header is about the next person.
    while end > starts[number] + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return starts[number], end


def _changed(block: list[str], person: Person) -> list[str]:
    """The same block, its keys said anew where they stood."""
    said = dict(line.split(" = ", 1) for line in _said(person))
    kept = []
    for line in block:
        named = _KEY.match(line)
        key = loose_key(named[1].strip("\"'")) if named else ""
        if not named:
            kept.append(line)
        elif key in said:
            kept.append(f"{named[1]} = {said.pop(key)}")
    return [kept[0], *(f"{key} = {value}" for key, value in said.items()), *kept[1:]]


def _said(person: Person) -> list[str]:
    given = {"nom": person.name, "courriel": person.email, "telephone": person.phone}
    lines = [f"{key} = {json.dumps(one, ensure_ascii=False)}" for key, one in given.items() if one]
    return [*lines, *(["absent = true"] if person.absent else [])]
