"""`[consentement]`: on what basis marketing leaves, and which boxes of which forms say so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from relance import consent
from relance.consent import Basis, Purpose
from relance.events import NewEvent
from relance.fold import key_of
from relance.section import Section, split

KEYS = ("exige", "cases", "textes", "canaux", "confirmer")
#: What a box that is not ticked says, where a page sends it all the same.
_NO = frozenset({"", "non", "no", "0", "false", "faux", "off"})
_EMAIL = ("email",)


@dataclass(frozen=True, slots=True)
class FormConsent:
    """The box of a form: its field, the words beside it, the channels it is about.

    `to_confirm`: it counts once the person has confirmed the address (double opt-in).
    """

    box: str
    words: str = ""
    channels: tuple[str, ...] = _EMAIL
    to_confirm: bool = False

    def events(self, form: str, said: Mapping[str, str]) -> Iterator[NewEvent]:
        """The consents that a form so filled gives. `said`: the text of each field, by folded name."""
        if said.get(key_of(self.box), "").strip().lower() in _NO:
            return
        for channel in self.channels:
            yield consent.given(
                Basis.EXPRESS, channel, f"form:{form}", self.words, to_confirm=self.to_confirm
            )


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """`forms`: by folded name."""

    asked: Basis = Basis.NONE
    forms: Mapping[str, FormConsent] = field(default_factory=dict)
    #: What those that say their words ask, in the order they are written.
    purposes: tuple[Purpose, ...] = ()


def consent_settings(given: Section) -> ConsentSettings:
    """The section, read; ConfigurationError, in French, if any of it is wrong."""
    labels = tuple(one.label for one in Basis)
    asked = Basis.read(given.choice("exige", Basis.NONE.label, labels)) or Basis.NONE
    boxes = given.table("cases")
    known = {key_of(name) for name in boxes}
    words = {key_of(name): text for name, text in given.table("textes").items()}
    channels = {key_of(name): split(text) for name, text in given.table("canaux").items()}
    confirmed = frozenset(map(key_of, given.texts("confirmer")))
    for key, names in (("textes", words), ("canaux", channels), ("confirmer", confirmed)):
        if lost := sorted(set(names) - known):
            said = f"nomme le formulaire «\u00a0{lost[0]}\u00a0», dont aucune case n’est dite dans [consentement.cases]."
            raise given.wrong(key, said)
    forms = {
        key_of(name): FormConsent(
            box,
            words.get(key_of(name), ""),
            tuple(channels.get(key_of(name), _EMAIL)),
            key_of(name) in confirmed,
        )
        for name, box in boxes.items()
    }
    shown = ((name, forms[key_of(name)]) for name in boxes)
    purposes = tuple(Purpose(name, one.words, one.channels) for name, one in shown if one.words)
    return ConsentSettings(asked, forms, purposes)
