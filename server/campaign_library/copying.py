"""A model copied into a project: under a name of its own, beside what is there, never over it."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path, PurePosixPath

from dsl.diagnostics import Severity, Span
from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign, PointsBlock
from relance import images
from relance.fold import fold, key_of, loose_key
from relance.french import quoted
from server.campaign_library.models import Model, message_name, messages, the_campaign
from server.campaign_library.wording import CAMPAIGN, LIST, mentions
from server.folder import SCRIPT, read_whole, scripts
from server.publication.unusable import reading_draft

_NAME = re.compile(r"nom\s*:")
#: Far longer than a name that anybody would read.
_LONGEST = 100


class NotCopied(ValueError):
    """The copy cannot be made; the message is French, for who asked for it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy writes: files by their path in the project, the script last.

    `campaign`: its name. `renamed`: what else has another name than in the model; `shared`: the subjects of interest that the
    project gives points for already, whose rules are not copied.
    """

    files: Mapping[str, bytes]
    campaign: str
    renamed: Mapping[str, str]
    shared: tuple[str, ...]

    @property
    def script(self) -> str:
        """The path of the campaign."""
        return list(self.files)[-1]


@dataclass(frozen=True, slots=True)
class _There:
    """What a project has already, each thing by its key; the lists are those it speaks of."""

    campaigns: set[str]
    lists: set[str]
    topics: set[str]
    messages: set[str]


def copied(model: Model, name: str, folder: Path, catalogue: Catalogue) -> Copy:
    """The model as a campaign of that name, for the project in that folder; NotCopied if it cannot be."""
    name = " ".join(name.split())
    there = _there(folder, catalogue)
    if key_of(name) in there.campaigns:
        raise NotCopied(
            f"La campagne {quoted(name)} existe déjà dans ce projet : choisissez un autre nom."
        )
    path = (loose_key(name) or model.name) + SCRIPT
    _free(folder, path, "choisissez un autre nom")
    declared = [one.name.text for one in model.lists]
    lists = {one: f"{one}, {name}" for one in declared if key_of(one) in there.lists}
    texts, letters = _letters(model, name, folder, there)
    new = {CAMPAIGN: {model.campaign: name}, LIST: lists}
    source, shared = _rewritten(model, new, letters, there)
    script = format_source(source, catalogue)
    _readable(script, name, catalogue)
    shown = {one: held for one, held in model.images.items() if not (folder / one).exists()}
    written = {one: text.encode() for one, text in {**texts, path: script}.items()}
    return Copy({**shown, **written}, name, {**lists, **letters}, shared)


def free_name(name: str, folder: Path, catalogue: Catalogue) -> str:
    """That name, or the first of « Bienvenue 2 », « Bienvenue 3 »… that no campaign nor script there has."""
    taken = _there(folder, catalogue).campaigns
    numbered = (f"{name} {number}" for number in count(2))
    return next(
        one
        for one in chain((name,), numbered)
        if key_of(one) not in taken and not os.path.lexists(folder / (loose_key(one) + SCRIPT))
    )


def write(copy: Copy, folder: Path) -> None:
    """Write it all, or nothing; OSError when a file cannot be, or came to be there meanwhile."""
    made: list[Path] = []
    try:
        for name, content in copy.files.items():
            path = folder / name
            if path.suffix in images.KINDS and path.exists():
                continue  # an image of that name is the project's: its messages go on showing it
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                made.append(path)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _there(folder: Path, catalogue: Catalogue) -> _There:
    if not folder.is_dir():
        return _There(set(), set(), set(), set())
    with reading_draft():
        read = [read_whole(path, path.name) for path in scripts(folder)]
    parsed = [parse(text.decode(errors="replace"), catalogue).script for text in read]
    blocks = [block for script in parsed for block in script.blocks]
    return _There(
        campaigns={key_of(one.name.text) for one in blocks if isinstance(one, Campaign)},
        lists={key_of(one.text.text) for one in mentions(tuple(blocks)) if one.type == LIST},
        topics={fold(topic) for topic, _ in _points(blocks)},
        messages={fold(message_name(*one)) for one in messages(folder).items()},
    )


def _points(blocks: Iterable[object]) -> Iterator[tuple[str, Span]]:
    """The subjects of interest that points are given for, and where."""
    for one in blocks:
        if isinstance(one, PointsBlock) and one.topic is not None:
            yield one.topic.text, one.span


def _free(folder: Path, path: str, instead: str) -> None:
    if os.path.lexists(folder / path):
        raise NotCopied(f"{quoted(path)} existe déjà, et rien n’est jamais écrasé : {instead}.")


def _letters(
    model: Model, name: str, folder: Path, there: _There
) -> tuple[dict[str, str], dict[str, str]]:
    """The messages as they are written, by path, and the new names of those whose name is taken."""
    texts: dict[str, str] = {}
    renamed: dict[str, str] = {}
    names = {path: message_name(path, text) for path, text in model.messages.items()}
    taken = there.messages | set(map(fold, names.values()))
    for path, text in model.messages.items():
        old = names[path]
        if fold(old) in there.messages:
            renamed[old] = new = _renamed(old, model.campaign, name, taken)
            taken.add(fold(new))
            text = _named(text, new)
            path = _placed(path, loose_key(new), {*texts, *names})
        elif os.path.lexists(folder / path):
            stem = f"{PurePosixPath(path).stem}-{loose_key(name)}"
            path = _placed(path, stem, {*texts, *names})
        if path not in names:
            _free(folder, path, "choisissez un autre nom")
        texts[path] = text
    return texts, renamed


def _placed(path: str, stem: str, taken: Collection[str]) -> str:
    """Where a message lies under another name, beside where it lay: two that differ by their signs alone
    (« J+3 », « J-3 ») are two files."""
    place = PurePosixPath(path)
    stem = stem or place.stem
    stems = chain((stem,), (f"{stem}-{number}" for number in count(2)))
    return next(one for one in map(str, map(place.with_stem, stems)) if one not in taken)


def _renamed(old: str, model: str, name: str, taken: Collection[str]) -> str:
    """What a message is called whose name is taken, in a campaign of that name made from `model`.

    One that is called as its campaign was is called as it is; the others get the number that the
    campaign got, or say whose they are.
    """
    words, former, now = old.split(), model.split(), name.split()
    both = f"{old}, {name}"
    names = [both, *(f"{both} {number}" for number in range(2, len(taken) + 3))]
    if _begins(now, former) and len(now) == len(former) + 1 and now[-1].isdecimal():
        names.insert(0, f"{old} {now[-1]}")
    if _begins(words, former):
        names.insert(0, " ".join([name, *words[len(former) :]]))
    return next(one for one in names if fold(one) not in taken)


def _begins(words: Sequence[str], first: Sequence[str]) -> bool:
    return list(map(fold, words[: len(first)])) == list(map(fold, first))


def _named(text: str, name: str) -> str:
    """The message under another name, which its head says."""
    if not text.startswith("---\n"):
        return f"---\nnom: {name}\n---\n{text}"
    _, head, body = text.split("---\n", 2)
    said = [line for line in head.splitlines() if not _NAME.match(line)]
    return "\n".join(["---", f"nom: {name}", *said, "---", body])


def _rewritten(
    model: Model, new: Mapping[str, Mapping[str, str]], letters: Mapping[str, str], there: _There
) -> tuple[str, tuple[str, ...]]:
    """The script with its new names, without the points that the project gives already."""
    edits = []
    for one in mentions(model.script.blocks):
        given = new.get(one.type, letters).get(one.text.text)
        if given is not None:
            edits.append((one.text.span.start, one.text.span.end, given))
    shared = []
    for topic, span in _points(model.script.blocks):
        if fold(topic) in there.topics:
            shared.append(topic)
            edits.append((span.start, span.end, ""))
    source = model.source
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return re.sub(r"\n{3,}", "\n\n", source), tuple(shared)


def _readable(script: str, name: str, catalogue: Catalogue) -> None:
    """Refuse a name that a script would not read back as it was given."""
    parsed = parse(script, catalogue)
    wrong = any(one.severity is Severity.ERROR for one in parsed.diagnostics)
    if not name or len(name) > _LONGEST or wrong or the_campaign(parsed.script).name.text != name:
        raise NotCopied(
            f"{quoted(name)} ne peut pas être le nom d’une campagne : des mots, sans guillemets ni "
            f"parenthèses, {_LONGEST} caractères au plus."
        )
