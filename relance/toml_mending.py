"""What the author of a TOML file meant by a line its reader stops at.

A proposal is a promise: each is given to the reader before anybody is told it.
"""

import re
from dataclasses import dataclass
from typing import Final

from relance.french import quoted
from relance.toml_readings import (
    MISSING,
    OPEN,
    Guess,
    commented,
    doubtful,
    fault_of,
    of_items,
    of_statement,
)

#: What a section written twice is read as, so that its settings are not taken for another's.
AGAIN: Final = "_encore"
_OPENING = re.compile(r"=\s*(\[|\{|\"\"\"|''')")
#: A line that begins something else, where the former list should have been closed.
_BEGINS = re.compile(r"\s*([^\s\"'=\[\],:#]+\s*=|\[+[^\],\"']*\]+\s*(#.*)?$)")
_STILL_OPEN = re.compile(r"(Unclosed array|Invalid value) \(at end of document\)")
_UNCLOSED = re.compile(
    r"Unclosed|Unterminated|Illegal|at the end of an? |Expected \"'"
    r"|\(at end of document"
)
_MOST_COMMAS = 100
_FORM = 'Un réglage s’écrit sur une ligne, comme « ville = "Québec" » ou « port = 8080 ».'
_RUNS_ON = "Un texte, une liste ou une section s’ouvre ici et ne se ferme pas."


@dataclass(frozen=True, slots=True)
class Mending:
    """What is wrong at a line (an index), and the line put right when that is known to be accepted."""

    at: int
    code: str
    message: str
    line: str | None = None
    column: int = 1


def mending(lines: list[str], at: int, column: int, error: str) -> Mending:
    """What the author most likely meant by the line `at`, where the reader stopped."""
    if re.search(r"overwrite|twice|already|immutable|mutate", error):
        return _twice(lines, at)
    opened = _opened(lines, at)
    within = opened < at
    found = _in_list(lines, opened, at) if within else _of_line(lines, at)
    if found is not None:
        return found
    if within and (_BEGINS.match(lines[at]) or _UNCLOSED.search(error)):
        return Mending(opened, "R124", _RUNS_ON, column=lines[opened].find("=") + 1 or 1)
    shut = "Unclosed array" in error and "]" in lines[at]
    if _UNCLOSED.search(error) and not shut and re.search(r"[\[\"'{]", lines[at]):
        return Mending(at, "R124", _RUNS_ON, column=column)
    code, message = doubtful(lines[at]) or ("R125", f"Cette ligne ne peut pas être lue. {_FORM}")
    return Mending(at, code, message, column=column)


def _opened(lines: list[str], at: int) -> int:
    """Where what the line `at` belongs to begins: a list or a text may hold several lines."""
    if fault_of("\n".join(lines[:at])) is None:
        return at
    starts = (n for n in reversed(range(at)) if _OPENING.search(lines[n]))
    return next((n for n in starts if fault_of("\n".join(lines[:n])) is None), at)


# --- A line of its own ----------------------------------------------------------------------


def _of_line(lines: list[str], at: int) -> Mending | None:
    """A statement or a title put right; a list that goes on below may stay open."""
    line = lines[at]
    below = next((one for one in lines[at + 1 :] if one.strip()), None)
    goes_on = below is not None and not _BEGINS.match(below)
    for code, message, fixed in of_statement(line):
        read = _read_past(lines[:at], fixed, goes_on=goes_on and code != "R124")
        if read is not None and read != line:
            return _mending(at, line, Guess(code, message, read))
    return None


def _read_past(before: list[str], line: str, *, goes_on: bool) -> str | None:
    """The line the reader goes past, commas put where a list lacks them; None when it does not."""
    for _ in range(_MOST_COMMAS):
        fault = fault_of("\n".join((*before, line)))
        if fault is None or (goes_on and _STILL_OPEN.match(fault)):
            return line
        place = re.fullmatch(r"Unclosed array \(at line (\d+), column (\d+)\)", fault)
        if place is None or int(place[1]) != len(before) + 1:
            return None
        start, rest = line[: int(place[2]) - 1], line[int(place[2]) - 1 :]
        if not start.strip() or (start.rstrip()[-1].isdigit() and rest[0].isdigit()):
            return None  # one number, or two: nobody knows
        joined = rest[1:].lstrip() if rest[0] in ";،、" else rest
        line = f"{start.rstrip()}, {joined}"
    return None


def _mending(at: int, line: str, guess: Guess) -> Mending:
    pairs = enumerate(zip(line, guess.fixed, strict=False))
    column = min(next((i for i, (a, b) in pairs if a != b), len(line)), len(line)) + 1
    said = f"{guess.message} Écrivez plutôt : {guess.fixed.strip()}"
    return Mending(at, guess.code, said, guess.fixed, column)


# --- A list on several lines ----------------------------------------------------------------


def _in_list(lines: list[str], opened: int, at: int) -> Mending | None:
    """A list begun above: a comma is missing, it should have ended, or an item is ill written."""
    begins = _BEGINS.match(lines[at])
    last = max(n for n in range(at if begins else at + 1) if lines[n].strip())
    ends = begins or not any(one.strip() for one in lines[at + 1 :])
    above = max((n for n in range(at) if lines[n].strip()), default=opened)
    places = [] if begins else [(above, Guess("R125", MISSING, _ended(lines[above], ",")))]
    places += [] if begins else [(at, guess) for guess in of_items(lines[at])]
    if ends and not commented(lines[last])[0].endswith("["):
        places.append((last, Guess("R124", OPEN, _ended(lines[last], "]"))))
    for place, guess in places:
        end = at - 1 if begins else at
        tried = [*lines[:place], guess.fixed, *lines[place + 1 : end + 1]]
        read = _read_past(tried[:-1], tried[-1], goes_on=guess.code != "R124" or not ends)
        fixed = read if read is not None and place == end else guess.fixed
        if read is not None and fixed != lines[place]:
            return _mending(place, lines[place], guess._replace(fixed=fixed))
    return None


def _ended(line: str, sign: str) -> str:
    bare, comment = commented(line)
    return f"{bare.rstrip(',')}{sign}{comment}"


# --- What was written above -----------------------------------------------------------------


def _twice(lines: list[str], at: int) -> Mending:
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
    marked = f"[{AGAIN}.n{at}]" if header else None
    return Mending(at, "R121", f"{quoted(name)} est déjà écrit{where} : {kept}.", marked)
