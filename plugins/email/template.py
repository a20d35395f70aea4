"""A message template: a Markdown file with a front matter, read, checked and made ready.

---
objet: Bienvenue, {{ prénom }}
expéditeur: La Petite Roue <bonjour@lapetiteroue.ca>
aperçu: Un guide pour choisir votre vélo.
---

Bonjour {{ prénom }}, …
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from plugins.email import layout
from plugins.email.body import Body, plain, prepare
from plugins.email.dressing import BodyLink, Forbidden
from plugins.email.headers import Mailbox, mailbox
from plugins.email.targets import target
from relance.fault import Fault
from relance.fold import loose_key
from relance.nature import Nature
from relance.templates.collection import Read
from relance.templates.language import HTML, TEXT, names_in
from relance.templates.naming import NATURE, wrong_nature
from relance.templates.pieces import Unpressable
from relance.templates.pressed import press
from relance.templates.reading import read_liquid, said

_KEYS = {
    "nom": "nom",
    "objet": "objet",
    "expediteur": "expéditeur",
    "apercu": "aperçu",
    "repondre-a": "répondre à",
    NATURE: NATURE,
}
MAX_BYTES = 300_000
#: A long mail has some thousands of any sign of markup; a hundred thousand keep its readers busy.
_MOST_SIGNS = 20_000


@dataclass(frozen=True, slots=True)
class EmailTemplate:
    """A message ready to be filled in for a lead."""

    name: str
    sender: Mailbox | None
    reply_to: Mailbox | None
    subject: BoundTemplate
    html: BoundTemplate
    text: BoundTemplate
    links: tuple[BodyLink, ...]
    #: Where each link leads: an address, or the Liquid of one.
    targets: tuple[str | BoundTemplate, ...]
    unsubscribes: bool
    #: What an inbox shows beside the subject, when it says something.
    preheader: BoundTemplate | None = None
    #: The project's images it shows, as they are written.
    images: tuple[str, ...] = ()
    #: The variables it speaks of.
    names: frozenset[str] = frozenset()
    #: The same, every part of it pressed: filled in where one stands. None when one of them cannot be.
    pressed: "EmailTemplate | None" = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[type["EmailTemplate"], tuple[object, ...]]:
        """Handed to another process, it is filled in by the library."""
        said = (getattr(self, one.name) for one in fields(self) if one.name != "pressed")
        return EmailTemplate, tuple(said)

    @property
    def common_targets(self) -> tuple[str, ...] | None:
        """Where its links lead, when that is the same for all readers."""
        found = tuple(one for one in self.targets if isinstance(one, str))
        return found if len(found) == len(self.targets) else None


def parse(source: str, name: str, file: str, *, leaves: bool = True) -> Read[EmailTemplate]:
    """The template in the text of a file.

    `leaves`: whether its readers are offered to unsubscribe when it does not do so by itself.
    """
    return _Reader(name, file, source, leaves).read()


class _Reader:
    """Reads one source, gathering every fault on the way."""

    def __init__(self, stem: str, file: str, source: str, leaves: bool) -> None:
        self._leaves = leaves
        self._file = file
        self._source = source
        self._name = stem
        self._faults: list[Fault] = []
        self._values: dict[str, tuple[str, int]] = {}

    def _fault(self, line: int, message: str) -> None:
        self._faults.append(Fault(self._file, line, message))

    def read(self) -> Read[EmailTemplate]:
        first, body = self._front()
        self._name = self._values.get("nom", (self._name, 1))[0]
        if not body.strip():
            self._fault(first, "ce courriel n’a pas de texte")
        self._mailbox("expediteur")
        self._mailbox("repondre-a")
        nature, nature_line = self._values.get(NATURE, (Nature.MARKETING.value, 1))
        if why := wrong_nature(nature):
            self._fault(nature_line, why)
        subject_text, subject_line = self._values.get("objet", ("", 1))
        if not subject_text:
            self._fault(1, "il manque « objet: » dans l’en-tête du fichier")
        subject = self._liquid(subject_text, subject_line)
        preview_text, preview_line = self._values.get("apercu", ("", 1))
        self._liquid(preview_text, preview_line)
        for sign in "<[]*_`&!~|\\":
            if body.count(sign) > _MOST_SIGNS:
                message = f"ce courriel contient plus de {_MOST_SIGNS} fois « {sign} »"
                self._fault(first, message)
        self._liquid(body, first)
        made = self._body(body, first) if not self._faults else None
        if made is None or subject is None or self._faults:
            return Read(self._name, None, tuple(self._faults))
        if not self._leaves:
            made = replace(made, unsubscribes=True)
        try:
            template = self._assembled(made, subject, subject_text, preview_text)
        except LiquidError as error:
            self._fault(first, said(error))
            return Read(self._name, None, tuple(self._faults))
        return self._tried(template, first)

    def _assembled(
        self, made: Body, subject: BoundTemplate, subject_text: str, preview_text: str
    ) -> EmailTemplate:
        """Every part of the message in Liquid; LiquidError when the markup made some of its own."""
        return EmailTemplate(
            name=self._name,
            sender=self._mailbox("expediteur"),
            reply_to=self._mailbox("repondre-a"),
            subject=subject,
            html=HTML.from_string(layout.html(plain(subject_text), plain(preview_text), made)),
            text=TEXT.from_string(layout.text(made)),
            links=made.links,
            images=made.images,
            targets=tuple(_leads_to(link.target) for link in made.links),
            unsubscribes=made.unsubscribes,
            preheader=TEXT.from_string(preview_text) if preview_text else None,
        )

    def _front(self) -> tuple[int, str]:
        """Reads the front matter; the line where the body begins, and the body."""
        lines = self._source.split("\n")
        if lines[0].strip() != "---":
            self._fault(1, "le fichier doit commencer par un en-tête entre deux lignes « --- »")
            return 1, self._source
        for at, line in enumerate(lines[1:], 2):
            if line.strip() == "---":
                return at + 1, "\n".join(lines[at:])
            self._entry(at, line)
        self._fault(1, "l’en-tête n’est pas fermé par une ligne « --- »")
        return len(lines), ""

    def _entry(self, at: int, line: str) -> None:
        if not line.strip() or line.lstrip().startswith("#"):
            return
        name, colon, given = line.partition(":")
        key = loose_key(name)
        if not colon or key not in _KEYS:
            known = ", ".join(_KEYS.values())
            self._fault(at, f"« {name.strip()} » n’est pas un réglage de courriel ; écrire {known}")
        elif key in self._values:
            self._fault(at, f"« {name.strip()} » est donné deux fois")
        else:
            self._values[key] = (_unquoted(given.strip()), at)

    def _mailbox(self, key: str) -> Mailbox | None:
        text, line = self._values.get(key, ("", 1))
        if not text:
            return None
        found = mailbox(text)
        if found is None or found.utf8:
            example = "« La Boutique <bonjour@boutique.ca> »"
            self._fault(line, f"« {text} » n’est pas une adresse ; écrire par exemple {example}")
        return found

    def _liquid(self, source: str, line: int) -> BoundTemplate | None:
        template, wrong = read_liquid(source)
        for before, message in wrong:
            self._fault(line + before, message)
        return template

    def _body(self, source: str, line: int) -> Body | None:
        try:
            return prepare(source)
        except Forbidden as error:
            self._fault(line, str(error))
        return None

    def _tried(self, template: EmailTemplate, line: int) -> Read[EmailTemplate]:
        """The template, once it has been rendered for a lead without any field."""
        leading = [one for one in template.targets if not isinstance(one, str)]
        try:
            for part in (template.subject, template.html, template.text, *leading):
                part.render()
        except LiquidError as error:
            self._fault(line, said(error))
            return Read(self._name, None, tuple(self._faults))
        names = names_in(template.subject, template.html, template.text, *leading)
        return Read(self._name, replace(template, names=names, pressed=_pressed(template)), ())


def _pressed(template: EmailTemplate) -> EmailTemplate | None:
    beside = template.preheader
    try:
        return replace(
            template,
            subject=press(template.subject),
            html=press(template.html),
            text=press(template.text),
            targets=tuple(one if isinstance(one, str) else press(one) for one in template.targets),
            preheader=None if beside is None else press(beside),
        )
    except Unpressable:
        return None


def _leads_to(source: str) -> str | BoundTemplate:
    return TEXT.from_string(source) if "{" in source else target(source)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def link_names(template: EmailTemplate) -> Iterator[str]:
    """The names its links go by in scripts; those made of a lead's values have none."""
    for link in template.links:
        if link.tracked and "{" not in link.name:
            yield link.name
