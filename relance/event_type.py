"""Event types: what a plugin knows to happen to leads, who may say that it did, and its words."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from relance.message_mark import MessageMark
from relance.sentence import fill, ill_named, ill_written

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACES = ("subject", "context")


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event. `label` is French, as people read it in a table: « panier payé ».

    `public`: a site or another program may post it (`/webhooks/events`), by its type or by its
    label; the others are reserved to the plugin. `reported_by` names the channel that reports such an
    event of each message it hands over, its subject the message's name: scenarios, where nothing
    leaves, tell it in its place. `worth` says what its property « montant » is: 1 what the lead
    gave, -1 what was given back to it, 0 nothing that is summed.

    `sentence` tells one of them in the journal of a lead: « Lien[ ({subject})] cliqué », what is
    between brackets being said only when there is a subject or a `{context}`; without one, the
    label and the subject. `by_context` are other sentences, by what it happened in. `icon` is the
    sign of one character before it. An `echo` follows from what the journal tells already, and is
    told only if it set something going. `reason` reads its properties: what they say of it, why
    it does not count, or nothing. `mark`: what it tells of the message whose key its property
    « message » holds, for reports to count. `implies`: for how many months it lets its lead be
    written to, as an implied consent (`relance.consent`). `reaches`: somebody of the team and the lead
    spoke: how soon a lead is answered is counted to it.
    """

    type: str
    label: str
    help: str
    public: bool = False
    reported_by: str | None = None
    worth: int = 0
    sentence: str | None = None
    by_context: Mapping[str, str] = field(default_factory=dict)
    icon: str = "•"
    echo: bool = False
    reason: Callable[[Mapping[str, object]], str] | None = None
    mark: MessageMark | None = None
    implies: int = 0
    reaches: bool = False

    def said(self, subject: str | None, context: str | None = None) -> str:
        """One of them, in a sentence."""
        named = f"{self.label[:1].upper()}{self.label[1:]}[ ({{subject}})]"
        sentence = self.by_context.get(context or "") or self.sentence or named
        return fill(sentence, {"subject": subject, "context": context})

    @property
    def code(self) -> str:
        """What it goes by in the store."""
        return self.type

    def faults(self) -> Iterator[str]:
        """What keeps it from being told, in French."""
        if not _TYPE.fullmatch(self.type):
            yield "son code s’écrit en minuscules, chiffres et «\u00a0_\u00a0», 64 au plus"
        yield from ill_named(self.label, self.icon)
        if not self.help.strip():
            yield "«\u00a0help\u00a0» est vide"
        for sentence in (
            *([] if self.sentence is None else [self.sentence]),
            *self.by_context.values(),
        ):
            yield from ill_written(sentence, (), _PLACES)
