"""Renaming: every place where a name stands, in scripts, scenarios and messages, as edits to look at first.

Refused, with a reason: a name that is taken already, or cannot be one. A campaign that runs says what
it was called (« anciennement »), so that it stays the same campaign; taking its former name back
takes that back too.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from dsl.check.former import former_names, names_of
from dsl.check.lexicon import CAMPAIGN, FIELD
from dsl.check.naming import LONGEST, LONGEST_FIELD
from dsl.diagnostics import Span
from dsl.language.fr import headers
from dsl.phrases.catalogue import Catalogue
from dsl.service.edits import TextEdit
from dsl.service.memory import ReadScript
from dsl.service.names import NameTable, ProjectName
from dsl.service.occurrences import Occurrence
from dsl.tree import nodes
from relance.fold import fold, identifier_of, key_of, names_something
from relance.french import NBSP, quoted
from relance.project_files import ProjectFiles
from relance.templates.naming import NAME, head
from relance.templates.naming import named as named_in

#: Stands for the new name in what is to be written.
NEW = "\ue000"
#: What would close the signs a name stands between, or begin a comment.
_SIGNS = re.compile(r"[\r\n«»“”\"]")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_IDENTIFIER = re.compile(r"(?<![\w.\"'-])[^\W\d][\w-]*")
_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME_LINE = re.compile(rf"(?m)^[ \t]*{NAME}[ \t]*:[ \t]*[\"']?(?P<name>[^\n\"']*?)[\"']?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a name is not changed, in French."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rename:
    """What renaming changes, by file; `caution`: what does not follow, in French."""

    former: str
    name: str
    edits: tuple[TextEdit, ...]
    caution: str = ""


class Renamer:
    """Renames what stands at a place of a project."""

    def __init__(
        self,
        scripts: Mapping[str, ReadScript],
        names: NameTable,
        catalogue: Catalogue,
        beside: Mapping[str, str],
        running: Collection[str] | None,
    ) -> None:
        """`beside`: the texts of the other files; `running`: the campaigns published, None if unknown."""
        self._scripts, self._names, self._catalogue = scripts, names, catalogue
        self._beside = beside
        self._running = None if running is None else {key_of(one) for one in running}

    def rename(self, place: Occurrence, name: str) -> Rename | Refusal:
        """What to write for what stands there to be called so."""
        target = self._names.at(place)
        name = " ".join(name.split())
        refusal = self._refusal(target, name)
        if refusal is not None:
            return refusal
        if name == target.name:
            return Rename(target.name, name, ())
        edits = [TextEdit(one.file, one.span, name) for one in target.places]
        if target.kind == CAMPAIGN:
            edits += self._formerly(target, name)
        edits += self._in_messages(target, name)
        return Rename(target.name, name, tuple(sorted(edits)), self._caution(target))

    def _refusal(self, target: ProjectName, name: str) -> Refusal | None:
        longest = LONGEST_FIELD if target.kind == FIELD else LONGEST
        if not names_something(name):
            return Refusal("Un nom compte au moins une lettre, un chiffre ou un symbole.")
        if len(name) > longest:
            return Refusal(f"Ce nom est trop long{NBSP}: {longest} caractères au plus.")
        if _SIGNS.search(name) or not _balanced(name) or "#" in name or "*" in name:
            return Refusal(
                "Un nom ne contient ni guillemets, ni «\u00a0#\u00a0», ni «\u00a0*\u00a0», et chaque parenthèse "
                "ouverte y est fermée."
            )
        if target.kind == FIELD and target.declared is None:
            return Refusal(
                f"{quoted(target.name)} est un champ que tous les leads ont{NBSP}: il ne se renomme pas."
            )
        if target.offered and target.kind != FIELD and not self._files_of(target):
            return Refusal(
                f"{quoted(target.name)} ne vient pas des scripts{NBSP}: changez-le là où il est déclaré."
            )
        other = self._names.taken(target.kind, name, target.scope)
        if other is not None and other is not target:
            return Refusal(
                f"{quoted(other.name)} existe déjà{_where(other)}{NBSP}: choisissez un autre nom."
            )
        return None

    def _caution(self, target: ProjectName) -> str:
        if target.kind == FIELD:
            return (
                "Ce qui est déjà connu des leads reste sous l’ancien nom : importez-le de nouveau, "
                "ou gardez le nom."
            )
        if target.declared is None and not self._files_of(target):
            return (
                "Ce nom vient d’ailleurs (du site, de la boutique, de ce qui est déjà enregistré) : "
                "il n’est changé que dans les scripts."
            )
        return ""

    # --- The names a campaign had ---------------------------------------------------------------

    def _formerly(self, target: ProjectName, name: str) -> Iterator[TextEdit]:
        declared = target.declared
        if declared is None:
            return
        script = self._scripts[declared.file]
        node = next(
            one
            for one in script.reading.parsed.script.blocks
            if isinstance(one, nodes.Campaign) and one.name.span == declared.span
        )
        lines = [one for one in node.headers if fold(one.key) == headers.FORMER]
        kept = [one.text for one in names_of(node)]
        back = any(key_of(one) == key_of(name) for one in kept)
        kept = [one for one in kept if key_of(one) != key_of(name)]
        runs = self._running is None and not back
        if runs or (self._running is not None and key_of(target.name) in self._running):
            kept.append(target.name)
        yield from self._written(script, node, lines, kept, declared)

    def _written(
        self,
        script: ReadScript,
        node: nodes.Campaign,
        lines: list[nodes.HeaderLine],
        kept: list[str],
        declared: Occurrence,
    ) -> Iterator[TextEdit]:
        said = ", ".join(quoted(one) for one in kept)
        if lines and [one.text for one in names_of(node)] == kept:
            return
        if lines and kept:
            yield TextEdit(script.name, lines[0].value.span, said)
            lines = [one for one in lines[1:] if former_names(one)]
        elif kept:
            end = script.text.find("\n", declared.span.end)
            at = len(script.text) if end < 0 else end
            line = script.text[script.text.rfind("\n", 0, declared.span.start) + 1 :]
            indent = line[: len(line) - len(line.lstrip())]
            text = f"\n{indent}  {headers.FORMER}{NBSP}: {said}"
            yield TextEdit(script.name, Span(at, at), text)
        for one in lines:
            start = script.text.rfind("\n", 0, one.span.start)
            end = script.text.find("\n", one.span.end)
            stop = len(script.text) if end < 0 else end
            yield TextEdit(script.name, Span(max(start, 0), stop), "")

    # --- Messages -------------------------------------------------------------------------------

    def _in_messages(self, target: ProjectName, name: str) -> Iterator[TextEdit]:
        for file, span, text in self._files_of(target):
            yield TextEdit(file, span, text.replace(NEW, name))
        if target.kind == FIELD:
            wanted, new = identifier_of(target.name), identifier_of(name).replace("-", "_")
            for file, text in self._beside.items():
                yield from _variables(file, text, wanted, _spelt(name, new))

    def _files_of(self, target: ProjectName) -> list[tuple[str, Span, str]]:
        """The files of the message of that name: where each says its name, or is to, and as what."""
        kind = next(
            (one for one in self._catalogue.slot_types.values() if key_of(one.name) == target.kind),
            None,
        )
        if kind is None or kind.in_place is None:
            return []
        files = ProjectFiles({name: text.encode() for name, text in self._beside.items()})
        found = []
        for file in files.inside(kind.in_place.folder, kind.in_place.suffix):
            text = self._beside[file]
            stem = file.rpartition("/")[2].removesuffix(kind.in_place.suffix)
            said = _said(text)
            own = said[0] if said is not None else named_in(text, stem)[0]
            if key_of(own) == key_of(target.name):
                found.append(_name_place(file, text, said))
        return found


def _said(text: str) -> tuple[str, Span] | None:
    """The name that the head of a message says, and where."""
    if not text.startswith("---"):
        return None
    end = text.find("\n---", 3)
    line = _NAME_LINE.search(text, 0, end if end > 0 else 0)
    return (line["name"], Span(*line.span("name"))) if line is not None else None


def _name_place(file: str, text: str, said: tuple[str, Span] | None) -> tuple[str, Span, str]:
    """Where a message's name is written, or is to be, and as what."""
    if said is not None:
        return file, said[1], NEW
    if text.startswith("---\n"):
        return file, Span(4, 4), f"{NAME}: {NEW}\n"
    return file, Span(0, 0), head(NEW)


def _variables(file: str, text: str, wanted: str, name: str) -> Iterator[TextEdit]:
    """The variables of that name in what a template computes, its texts aside."""
    for made in _LIQUID.finditer(text):
        held = _TEXTS.sub(lambda one: " " * len(one[0]), made[0])
        for found in _IDENTIFIER.finditer(held):
            if identifier_of(found[0].replace("_", " ")) == wanted:
                start = made.start() + found.start()
                yield TextEdit(file, Span(start, start + len(found[0])), name)


def _spelt(name: str, new: str) -> str:
    """A field as templates write it: one word."""
    return "_".join(name.lower().split()) or new


def _balanced(name: str) -> bool:
    depth = 0
    for char in name:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0


def _where(other: ProjectName) -> str:
    return f" ({other.declared.file})" if other.declared is not None else ""
