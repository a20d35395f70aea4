"""The models of the library: a campaign each, by one channel or another, with its messages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dsl.language.fr.headers import DESCRIPTION, FAMILIES, FAMILY
from dsl.phrases.catalogue import Catalogue
from dsl.read.parser import parse
from dsl.tree.nodes import Campaign, Do, ListLine, Scenario, Script
from relance.fold import fold, key_of
from server.campaign_library.wording import mentions, nodes_of
from server.folder import files, read_whole, scripts
from server.publication.unusable import reading_draft, text_of

#: A folder of the library holds the models by one channel: « par-… ». The others are by e-mail.
_BY = "par-"
_E_MAIL = "courriel"
#: Messages are texts, each named by its head or else by its file.
_MESSAGES = (".md", ".txt")
_NAMED = re.compile(r"\A---\n(?:.*\n)*?nom\s*:\s*(.+?)\s*\n(?:.*\n)*?---\n")
_IMAGE = re.compile(r"!\[[^\]\n]*\]\((images/[\w.-]+)\)")


@dataclass(frozen=True, slots=True)
class Model:
    """A campaign by one channel. `messages`: the text of each file it sends, by its path; `images`:
    those that its messages show.
    """

    name: str
    channel: str
    family: str
    campaign: str
    description: str
    source: str
    script: Script
    messages: Mapping[str, str]
    images: Mapping[str, bytes]

    @property
    def lists(self) -> tuple[ListLine, ...]:
        """The lists whose members it says: who receives it."""
        return tuple(one for one in self.script.blocks if isinstance(one, ListLine))

    def named(self, type_: str) -> tuple[str, ...]:
        """What its rules, not its scenarios, name in slots of that type, each once, in order."""
        rules = tuple(one for one in self.script.blocks if not isinstance(one, Scenario))
        found = (one.text.text for one in mentions(rules) if one.type == type_)
        return tuple(dict.fromkeys(found))


def models(folder: Path, catalogue: Catalogue) -> tuple[Model, ...]:
    """The models in a folder, family by family."""
    texts = messages(folder)
    found = [_model(path, catalogue, texts, folder) for path in scripts(folder)]
    return tuple(sorted(found, key=lambda one: (FAMILIES.index(one.family), one.name, one.channel)))


def messages(folder: Path) -> dict[str, str]:
    """The messages of a folder, the text of each by its path in it; UnusableDraft for one that cannot be
    read."""
    names = {path.relative_to(folder).as_posix(): path for path in files(folder, _MESSAGES)}
    with reading_draft():
        return {name: text_of(name, read_whole(path, name)) for name, path in names.items()}


def message_name(path: str, text: str) -> str:
    """The name that a message goes by."""
    found = _NAMED.match(text)
    return found[1] if found else Path(path).stem


def the_campaign(script: Script) -> Campaign:
    """The one campaign of a model."""
    (found,) = (one for one in script.blocks if isinstance(one, Campaign))
    return found


def known_as(name: str, found: tuple[Model, ...]) -> tuple[Model, ...]:
    """The models of that name, or whose campaign has it; one for each channel."""
    chosen = {one.name for one in found if key_of(name) in (fold(one.name), key_of(one.campaign))}
    return tuple(one for one in found if one.name in chosen)


def _model(path: Path, catalogue: Catalogue, texts: Mapping[str, str], folder: Path) -> Model:
    source = path.read_text(encoding="utf-8")
    script = parse(source, catalogue).script
    campaign = the_campaign(script)
    head = {fold(line.key): line.value.text.strip() for line in campaign.headers}
    by = path.parent.name.removeprefix(_BY) if path.parent != folder else _E_MAIL
    done = tuple(one for one in nodes_of(script.blocks) if isinstance(one, Do))
    letters = dict(sent(texts, {one.text.text for one in mentions(done)}))
    shown = {image for text in letters.values() for image in _IMAGE.findall(text)}
    return Model(
        name=path.stem,
        channel=by,
        family=head[fold(FAMILY)],
        campaign=campaign.name.text,
        description=head[fold(DESCRIPTION)],
        source=source,
        script=script,
        messages=letters,
        images={image: (folder / image).read_bytes() for image in sorted(shown)},
    )


def sent(texts: Mapping[str, str], named: set[str]) -> Iterator[tuple[str, str]]:
    """Of these messages, those whose name is among those named."""
    for path, text in texts.items():
        if message_name(path, text) in named:
            yield path, text
