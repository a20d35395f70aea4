"""The SMS of a project: every `.txt` file of its `sms` folders; a message has its file's name, or says its
own (`plugins.kit.texts.naming`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from plugins.kit.texts.collection import Collection, Read
from plugins.kit.texts.naming import named
from plugins.kit.texts.personal import names_in, variables
from plugins.kit.texts.reading import read_liquid, said
from plugins.sms.parts import size_of
from relance.channel import Message
from relance.fault import Fault

FOLDER = "sms"
#: Past that many parts, providers refuse, and nobody reads.
MOST_PARTS = 10
_MAX_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Template:
    """A message ready to be filled in for a lead."""

    name: str
    text: BoundTemplate
    #: The variables it speaks of.
    names: frozenset[str] = frozenset()

    def written(self, message: Message, known: Mapping[str, object]) -> str:
        """The words for that lead; LiquidError when its values do not fit the template."""
        return str(self.text.render(**{**variables(message.fields), **known})).strip()


def _read(source: str, stem: str, file: str) -> Read[Template]:
    name, source = named(source, stem)
    if not source.strip():
        return Read(name, None, (Fault(file, 1, "ce SMS n’a pas de texte"),))
    template, wrong = read_liquid(source)
    faults = [Fault(file, 1 + before, message) for before, message in wrong]
    if template is not None and not faults:
        faults += _tried(template, file)
    found = None if template is None or faults else Template(name, template, names_in(template))
    return Read(name, found, tuple(faults))


def _tried(template: BoundTemplate, file: str) -> list[Fault]:
    """What is wrong once the message is written for a lead without any field."""
    try:
        shortest = str(template.render()).strip()
    except LiquidError as error:
        return [Fault(file, 1, said(error))]
    size = size_of(shortest)
    if size.parts > MOST_PARTS:
        most = f"ce SMS est trop long ({size.said()}) ; {MOST_PARTS} parties au plus"
        return [Fault(file, 1, most)]
    return []


MESSAGES = Collection(FOLDER, ".txt", _read, "le SMS", _MAX_BYTES)
