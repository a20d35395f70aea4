"""Messages that are a text and nothing else: a file each, named after it unless it names itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from relance.channel import Message, Outcome
from relance.fault import Fault
from relance.host import Host
from relance.templates.collection import Collection, Read
from relance.templates.language import field_variables, names_in
from relance.templates.naming import misnamed, named
from relance.templates.reading import read_liquid, said


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text ready to be filled in for a lead; `names` are the variables it speaks of."""

    name: str
    text: BoundTemplate
    names: frozenset[str]

    def written(self, message: Message, known: Mapping[str, object]) -> str:
        """The words for that lead; LiquidError when its values do not fit the template."""
        return str(self.text.render(**{**field_variables(message.fields), **known})).strip()


def _fits(text: str) -> str | None:
    return None


class TextMessages(Collection[PlainText]):
    """Such messages, below folders of that name; `unfit` says why a text, bare, will never do."""

    def __init__(
        self,
        folder: str,
        what: str,
        *,
        slot: str,
        help: str | None = None,
        suffix: str = ".txt",
        most: int = 20_000,
        unfit: Callable[[str], str | None] = _fits,
        to_lead: bool = True,
        channel: str = "",
    ) -> None:
        super().__init__(
            *(folder, suffix, self._read_text, what, most),
            slot=slot,
            help=help,
            to_lead=to_lead,
            channel=channel,
        )
        self._unfit = unfit

    async def text(self, host: Host, message: Message) -> str | Outcome:
        """The words for the lead of a message, or why there are none: what a channel sends."""
        template = await self.template(host.files, message.template)
        if not isinstance(template, PlainText):
            return template
        return await self.filled(host, message, template.names, template.written)

    def _read_text(self, source: str, stem: str, file: str) -> Read[PlainText]:
        wrong_head = misnamed(source)
        name, source = named(source, stem)
        if wrong_head:
            return Read(name, None, tuple(Fault(file, 1 + at, why) for at, why in wrong_head))
        if not source.strip():
            return Read(name, None, (Fault(file, 1, "ce message n’a pas de texte"),))
        template, wrong = read_liquid(source)
        faults = [Fault(file, 1 + before, message) for before, message in wrong]
        if template is not None and not faults and (why := self._tried(template)):
            faults = [Fault(file, 1, why)]
        found = None if template is None or faults else template
        made = None if found is None else PlainText(name, found, names_in(found))
        return Read(name, made, tuple(faults))

    def _tried(self, template: BoundTemplate) -> str | None:
        """What is wrong once the message is written for a lead without any field."""
        try:
            return self._unfit(str(template.render()).strip())
        except LiquidError as error:
            return said(error)
