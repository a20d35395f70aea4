"""A TOML file of the project, read for somebody who is no programmer: each line that cannot be read is
told with its place and what to write instead, all of them at once.

TOML's reader stops at the first error and tells it in English. Here the line it stops at is put right
(or left out), which is also how a proposal is known to be accepted, and the file is read again.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import Final

from relance.errors import ConfigurationError
from relance.fault import Fault
from relance.toml_mending import AGAIN, Mending, mending

CODES: Final = {
    "R119": "Guillemets typographiques dans un réglage",
    "R120": "Guillemets manquants autour d’un réglage",
    "R121": "Réglage ou section écrits deux fois",
    "R122": "Oui ou non mal écrit dans un réglage",
    "R123": "Nombre mal écrit dans un réglage",
    "R124": "Texte ou liste jamais fermés dans un réglage",
    "R125": "Ligne de réglage illisible",
}
MOST_FAULTS = 20
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class UnreadableToml(ConfigurationError):
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
class TomlReading:
    """What a file says, its unreadable lines put right or left out, and what is wrong with them."""

    data: dict[str, object]
    faults: tuple[Fault, ...]


def read(text: str, file: str) -> TomlReading:
    """What a TOML text says; `file` is how its faults name it."""
    lines = text.replace("\r\n", "\n").split("\n")
    faults: list[Fault] = []
    while True:
        try:
            data = tomllib.loads("\n".join(lines))
            data.pop(AGAIN, None)
            return TomlReading(data, tuple(faults))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            if len(faults) == MOST_FAULTS:
                return TomlReading({}, tuple(faults))
            at, column = _place(str(error), lines)
            slip = mending(lines, at, column, str(error))
            faults.append(Fault(file, slip.at + 1, slip.message, slip.column, slip.code))
            if slip.line is None and not lines[slip.at].strip():
                return TomlReading({}, tuple(faults))
            _mend(lines, slip)


def _mend(lines: list[str], slip: Mending) -> None:
    lines[slip.at] = slip.line or ""
    if slip.code == "R124" and slip.line is None:
        del lines[slip.at :]  # nobody knows where it was to end


def _place(error: str, lines: list[str]) -> tuple[int, int]:
    """The index of the line an error is about, and its column."""
    found = _PLACE.search(error)
    if found and int(found[1]) <= len(lines) and lines[int(found[1]) - 1].strip():
        return int(found[1]) - 1, int(found[2])
    until = int(found[1]) if found else len(lines)
    written = [at for at, line in enumerate(lines[:until]) if line.strip()]
    return (written or [0])[-1], 1
