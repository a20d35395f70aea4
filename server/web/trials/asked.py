"""What the form of « Essayer avec… » asks for: three questions, each checked where it was answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from relance.fold import key_of
from server.language.trial_offers import Occasion, TrialOffers, lines_of
from server.language.trial_text import TrialLine, begun_text
from server.web.posted import Posted

#: How many things may happen after the entry.
ANSWERS = 4
#: What a duration is counted in, each with what it is called of one.
UNITS: Mapping[str, str] = {
    "minutes": "minute",
    "heures": "heure",
    "jours": "jour",
    "semaines": "semaine",
    "mois": "mois",
}
LONGEST_NAME = 120
_MOST = 999
_HOUR = "10:00"
_LOOK = ("7", "jours")


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """One thing that happens after, as it was typed: how long after, and what (empty: nothing)."""

    count: str = "1"
    unit: str = "jours"
    what: str = ""


@dataclass(frozen=True, slots=True)
class TypedTrial:
    """The form, as it was typed. `faults`: what is wrong with each field, by its name."""

    campaign: str
    entry: str = ""
    day: str = ""
    hour: str = _HOUR
    answers: Sequence[TypedAnswer] = (TypedAnswer(),) * ANSWERS
    look: tuple[str, str] = _LOOK
    name: str = ""
    who: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedTrial:
    """What is to be played: what happens, and how long one looks afterwards."""

    campaign: str
    name: str
    lines: Sequence[TrialLine]
    look: str
    fields: Mapping[str, str] = field(default_factory=dict)


def typed_trial(form: Posted, faults: Mapping[str, str] | None = None) -> TypedTrial:
    """What was typed, whatever it is."""
    answers = [
        TypedAnswer(form.text(f"apres-{n}"), form.text(f"unite-{n}"), form.text(f"quoi-{n}"))
        for n in range(1, ANSWERS + 1)
    ]
    look = (form.text("regarder"), form.text("regarder-unite"))
    return TypedTrial(
        form.text("campagne"),
        form.text("entree"),
        form.text("jour"),
        form.text("heure"),
        answers,
        look,
        form.text("nom"),
        form.text("qui"),
        faults or {},
    )


def asked_trial(typed: TypedTrial, offers: TrialOffers) -> AskedTrial | Mapping[str, str]:
    """What is to be played; else what is wrong with each field, by its name."""
    faults = dict[str, str]()
    entry = _found(offers.entries, typed.entry)
    if entry is None:
        faults["entree"] = "Choisissez ce qui fait entrer cette personne."
    when = _when(typed, faults)
    lines = [] if entry is None else list(lines_of(entry))
    if lines:
        lines[0] = TrialLine(lines[0].text, at=when)
    for number, answer in enumerate(typed.answers, 1):
        lines += _answered(answer, number, offers, faults)
    look = length(*typed.look)
    if look is None:
        faults["regarder"] = _NOT_LONG
    if faults or look is None or entry is None:
        return faults
    name = clean_name(typed.name) or _called(entry, typed, offers)
    return AskedTrial(offers.campaign, name, lines, look)


_NOT_LONG = f"Écrivez un nombre entier, de 1 à {_MOST}, et choisissez l’unité."


def length(count: str, unit: str) -> str | None:
    """A duration in words of the language; None for what is none."""
    text = count.strip()
    good = text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= _MOST
    if not good or unit not in UNITS:
        return None
    return f"{int(text)} {UNITS[unit] if int(text) == 1 else unit}"


def clean_name(text: str) -> str:
    """A name as a scenario may have it: on one line, without what closes it."""
    return " ".join("".join(" " if one in '«»"“”' else one for one in text).split())[:LONGEST_NAME]


def _when(typed: TypedTrial, faults: dict[str, str]) -> str:
    try:
        day, hour = date.fromisoformat(typed.day.strip()), time.fromisoformat(typed.hour.strip())
    except ValueError:
        faults["jour"] = "Donnez un jour (2026-12-01) et une heure (20:00)."
        return ""
    if not 2000 <= day.year <= 2100:
        faults["jour"] = "Donnez un jour entre 2000 et 2100."
        return ""
    return begun_text(day, hour)


def _answered(
    answer: TypedAnswer, number: int, offers: TrialOffers, faults: dict[str, str]
) -> Iterator[TrialLine]:
    if not answer.what:
        return
    what, after = _found(offers.answers, answer.what), length(answer.count, answer.unit)
    if what is None:
        faults[f"quoi-{number}"] = "Cette campagne n’écoute plus cela : choisissez autre chose."
    elif after is None:
        faults[f"quoi-{number}"] = _NOT_LONG
    else:
        yield from lines_of(what, after)


def _found(several: Sequence[Occasion], said: str) -> Occasion | None:
    return next((one for one in several if key_of(one.said) == key_of(said)), None)


def _called(entry: Occasion, typed: TypedTrial, offers: TrialOffers) -> str:
    """« Formulaire Infolettre rempli, puis rien de plus »."""
    answers = [_found(offers.answers, one.what) for one in typed.answers if one.what]
    then = next((one.text for one in answers if one is not None), "rien de plus")
    return clean_name(f"{entry.text}, puis {then}".replace("(", "").replace(")", ""))
