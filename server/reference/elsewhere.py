"""What people know from other tools, capability by capability, and where each is shown here.

`make reference` writes the page from `docs/venir-d-ailleurs.toml`, which says it of five tools in our
own words. A line shows its capability by a scenario, a command or a section of the documentation, or
says what page it waits for, or what is missing: one that says nothing is refused.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relance.french import NBSP, quoted

_HEAD = """\
# Venir d’ailleurs

<!-- Page écrite par « make reference » à partir de venir-d-ailleurs.toml : ne pas la modifier à la main. -->

Cinq outils que vous connaissez peut-être, ce que chacun promet, et où le voir dans Relance : un scénario, que les tests jouent ; une commande ; une section de ces pages. Ce qui manque est dit, avec ce qui manque.
"""
_ANCHOR = re.compile(r"[^\w\- ]")


class Holds(StrEnum):
    """Whether what is said of the other tool is true of Relance."""

    TRUE = "oui"
    SCREEN = "une page, bientôt"
    MISSING = "pas encore"


@dataclass(frozen=True, slots=True)
class ShownScenario:
    """A scenario, by the path of its script from the root of the sources and by its name."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing the other tool does. `docs`: a page of the documentation, and its section if any.

    `screen`: what its page is to show; until then, the rest says where else it is. `missing`: why it
    is not true yet.
    """

    says: str
    scenarios: tuple[ShownScenario, ...] = ()
    commands: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    screen: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        shown = bool(self.scenarios or self.commands or self.docs)
        if not (shown or self.screen or self.missing):
            raise ValueError(f"{quoted(self.says)} n’est montré nulle part.")
        if self.screen and self.missing:
            raise ValueError(f"{quoted(self.says)} attend une page, ou manque : lequel ?")

    @property
    def holds(self) -> Holds:
        """Whether it is true here."""
        if self.missing:
            return Holds.MISSING
        return Holds.SCREEN if self.screen else Holds.TRUE


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and what it does in the order its own documentation tells it."""

    name: str
    about: str
    capabilities: tuple[Capability, ...]


def tools(text: str) -> tuple[Tool, ...]:
    """Those of the data file; ValueError for a line that is shown nowhere."""
    return tuple(_tool(one) for one in tomllib.loads(text)["tool"])


def page(found: Sequence[Tool]) -> str:
    """The whole page."""
    counts = [
        f"| [{one.name}](#{_anchor(one.name)}) | {_count(one.capabilities)} |" for one in found
    ]
    everything = tuple(line for one in found for line in one.capabilities)
    columns = " | ".join(Holds)
    parts = [_HEAD, f"| | {columns} |", f"|---{'|---' * len(Holds)}|", *counts]
    parts += [f"| **En tout** | {_count(everything)} |", ""]
    for one in found:
        parts += _section(one)
    return "\n".join(parts).rstrip("\n") + "\n"


def _tool(given: dict[str, Any]) -> Tool:
    return Tool(given["name"], given["about"], tuple(_capability(one) for one in given["lines"]))


def _capability(given: dict[str, Any]) -> Capability:
    scenarios = (one.partition(": ") for one in given.get("scenarios", ()))
    return Capability(
        given["says"],
        tuple(ShownScenario(file, name) for file, _, name in scenarios),
        tuple(given.get("commands", ())),
        tuple(given.get("docs", ())),
        given.get("screen", ""),
        given.get("missing", ""),
    )


def _count(lines: Sequence[Capability]) -> str:
    return " | ".join(str(sum(one.holds is kind for one in lines)) for kind in Holds)


def _section(tool: Tool) -> Iterator[str]:
    true = sum(one.holds is Holds.TRUE for one in tool.capabilities)
    yield f"## {tool.name}\n"
    yield f"{tool.about}\n"
    yield f"Vrai aujourd’hui{NBSP}: {true} sur {len(tool.capabilities)}.\n"
    yield "| Ce qu’on y fait | Ici | Où |"
    yield "|---|---|---|"
    for one in tool.capabilities:
        yield f"| {one.says} | {one.holds} | {_where(one)} |"
    yield ""


def _where(one: Capability) -> str:
    why = one.missing or one.screen
    said = f"{why[:1].upper()}{why[1:]}." if why else ""
    places = "<br>".join(
        (*map(_scenario, one.scenarios), *map(_command, one.commands), *map(_doc, one.docs))
    )
    return " ".join(part for part in (said, places) if part)


def _scenario(one: ShownScenario) -> str:
    return f"scénario [{quoted(one.name)}](../{one.file})"


def _command(one: str) -> str:
    return f"`{one}`"


def _doc(one: str) -> str:
    target, _, section = one.partition("#")
    return f"[{section or target}]({target}{f'#{_anchor(section)}' if section else ''})"


def _anchor(title: str) -> str:
    """The address of a section within its page."""
    return _ANCHOR.sub("", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    sys.stdout.write(page(tools(sys.stdin.read())))
