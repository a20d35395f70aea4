"""The notifications of a project: every `.txt` file of its `notifications` folders.

The first line is the title, the rest the text; a last line that is an address alone is where a
click leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from relance.channel import Message
from relance.fault import Fault
from relance.templates.collection import Collection, Read
from relance.templates.language import field_variables, names_in
from relance.templates.naming import head as named_so
from relance.templates.naming import misnamed, named
from relance.templates.reading import read_liquid, said

MAX_TITLE, MAX_TEXT, MAX_LINK = 120, 1_000, 1_500
_MAX_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class NotificationWords:
    """A notification written for a lead. `link` is None when a click leads nowhere."""

    title: str
    text: str
    link: str | None


@dataclass(frozen=True, slots=True)
class PushTemplate:
    """A notification ready to be filled in."""

    name: str
    title: BoundTemplate
    text: BoundTemplate
    link: BoundTemplate | None
    #: The variables it speaks of.
    names: frozenset[str] = frozenset()

    def written(self, message: Message, known: Mapping[str, object]) -> NotificationWords:
        """The words for that lead; LiquidError when its values do not fit the template."""
        given = {**field_variables(message.fields), **known}
        link = None if self.link is None else str(self.link.render(**given)).strip()
        return NotificationWords(
            " ".join(str(self.title.render(**given)).split())[:MAX_TITLE],
            str(self.text.render(**given)).strip()[:MAX_TEXT],
            link if link and leads_somewhere(link) else None,
        )


def leads_somewhere(address: str) -> bool:
    """Whether a browser may be sent there: a page of the web, whole."""
    if len(address) > MAX_LINK or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username


def head(title: str) -> str:
    """What stands before the text of a notification that a script writes: its title is its name."""
    return f"{named_so(title)}{title}\n"


def _read(source: str, stem: str, file: str) -> Read[PushTemplate]:
    wrong = misnamed(source)
    name, source = named(source, stem)
    if wrong:
        return Read(name, None, tuple(Fault(file, 1 + at, why) for at, why in wrong))
    return _Reader(name, file, source).read()


class _Reader:
    """Reads one source, gathering every fault on the way."""

    def __init__(self, name: str, file: str, source: str) -> None:
        self._name = name
        self._file = file
        lines = source.split("\n")
        first = next((at for at, line in enumerate(lines) if line.strip()), 0)
        last = max((at for at, line in enumerate(lines) if line.strip()), default=0)
        self._title = (first, lines[first])
        self._link = (last, lines[last].strip()) if last > first and _is_link(lines[last]) else None
        end = last if self._link else last + 1
        self._text = (first + 1, "\n".join(lines[first + 1 : end]))
        self._faults: list[Fault] = []

    def read(self) -> Read[PushTemplate]:
        if not self._title[1].strip():
            self._fault(0, "cette notification n’a pas de titre : c’est sa première ligne")
            return Read(self._name, None, tuple(self._faults))
        title, text = self._liquid(*self._title), self._liquid(*self._text)
        link = self._liquid(*self._link) if self._link else None
        if title is None or text is None or self._faults:
            return Read(self._name, None, tuple(self._faults))
        names = names_in(title, text, *([link] if link is not None else []))
        template = PushTemplate(self._name, title, text, link, names)
        self._try(template)
        return Read(self._name, None if self._faults else template, tuple(self._faults))

    def _try(self, template: PushTemplate) -> None:
        """Written for a lead without any field, it must hold."""
        try:
            title, text = str(template.title.render()), str(template.text.render())
            link = "" if template.link is None else str(template.link.render())
        except LiquidError as error:
            self._fault(0, said(error))
            return
        if len(title.strip()) > MAX_TITLE:
            self._fault(
                self._title[0], f"le titre compte {len(title)} caractères ; {MAX_TITLE} au plus"
            )
        if len(text.strip()) > MAX_TEXT:
            self._fault(
                self._text[0], f"le texte compte {len(text)} caractères ; {MAX_TEXT} au plus"
            )
        if self._link and "{" not in self._link[1] and not leads_somewhere(link):
            self._fault(self._link[0], "cette adresse ne mène à aucune page")

    def _liquid(self, line: int, source: str) -> BoundTemplate | None:
        template, wrong = read_liquid(source)
        for before, message in wrong:
            self._fault(line + before, message)
        return template

    def _fault(self, line: int, message: str) -> None:
        self._faults.append(Fault(self._file, line + 1, message))


def _is_link(line: str) -> bool:
    text = line.strip()
    return text.startswith(("https://", "http://")) and not any(
        one.isspace() for one in _bare(text)
    )


def _bare(text: str) -> str:
    """`text` without its Liquid, whose spaces are not the address's."""
    while "{{" in text and "}}" in text[text.index("{{") :]:
        start = text.index("{{")
        text = text[:start] + text[text.index("}}", start) + 2 :]
    return text


MESSAGES = Collection(
    "notifications",
    ".txt",
    _read,
    "la notification",
    _MAX_BYTES,
    slot="notification",
    help="Le nom d’une notification du dossier «\u00a0notifications\u00a0», ou le titre d’une "
    "notification écrite sur place.",
    head=head,
    to_lead=False,
    channel="push",
)
