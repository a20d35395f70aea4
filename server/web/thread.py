"""The thread of a lead as its page draws it: the latest first, by day, each thing with its sign."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from relance.events import ASSIGNED, CAMPAIGN_ENTERED
from relance.french import MONTHS, NBSP, WEEKDAYS
from server.engine.moves import Move
from server.engine.own_events import INNER, NOT_ASSIGNED
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.timeline import TimelineLine
from server.web.typography import day_in_words

#: The states of messages that nobody received.
_LOST = frozenset(
    ("refused", "unreachable", "failed", "suppressed", "unconsented", "cancelled", "expired", "skipped")
)  # fmt: skip
#: Events that the server makes of itself, besides those that echo what it did.
_OURS = INNER | {CAMPAIGN_ENTERED, ASSIGNED, NOT_ASSIGNED}
#: The drawing and the words of each kind of move.
_MOVES: Mapping[str, tuple[str, str]] = {
    Move.ENTERED: ("door", "Entrée"),
    Move.DECIDED: ("fork", "Choix"),
    Move.WAITED: ("hourglass", "Attente"),
    Move.RESUMED: ("next", "Suite"),
    Move.STEPPED: ("campaign", "Étape"),
    Move.JUMPED: ("loop", "Retour"),
    Move.LOOPED: ("loop", "Répétition"),
    Move.SPLIT: ("draw", "Répartition"),
    Move.LEFT: ("door", "Sortie"),
}


@dataclass(frozen=True, slots=True)
class Tone:
    """How a line is drawn: an icon, its words, the colour of what it tells."""

    icon: str
    words: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class ThreadDay:
    """A day: « Hier », « vendredi 27 novembre », and each line with its hour."""

    head: str
    beside: str
    lines: Sequence[tuple[str, TimelineLine]]


def tone(line: TimelineLine, glossary: Glossary) -> Tone:
    """An icon, the words that say the same, a colour: by its kind, and what became of it."""
    if line.kind == "message":
        colour = "lost" if line.code in _LOST else "sent" if line.code == "sent" else "engine"
        return Tone("message", "Message", colour)
    if line.kind == "refusal":
        return Tone("cross", "Refus", "lost")
    if line.kind == "points":
        return Tone("star", "Points", "engine")
    if line.kind == "leftover":
        return Tone("unknown", "Resté sans place", "lost")
    if line.kind == "event":
        return _event_tone(line, glossary)
    drawing, words = _MOVES.get(line.code, ("next", "Campagne"))
    return Tone(drawing, words, "engine")


def _event_tone(line: TimelineLine, glossary: Glossary) -> Tone:
    """Of an event, by who made it: the team by hand, the server by itself, else the person."""
    if line.by_hand:
        return Tone("leads", "Fait par l’équipe")
    if glossary.of_message(line.code):
        return Tone("message", "Message")
    if line.code in _OURS or glossary.echo(line.code):
        return Tone("next", "Fait par Relance", "engine")
    # What nobody declared, a channel or a team may have noted as well as a site.
    return Tone("person", "Fait par la personne" if glossary.declares(line.code) else "Événement")


def _refused(line: TimelineLine, glossary: Glossary) -> bool:
    return tone(line, glossary).colour == "lost"


def _of_message(line: TimelineLine, glossary: Glossary) -> bool:
    about = line.kind == "event" and glossary.of_message(line.code)
    return line.kind == "message" or about


def _of_site(line: TimelineLine, glossary: Glossary) -> bool:
    return tone(line, glossary).icon == "person"


#: What the thread may be narrowed to: its title, and the lines that are of it.
FILTERS: Mapping[str, tuple[str, Callable[[TimelineLine, Glossary], bool]]] = {
    "": ("Tout", lambda *_: True),
    "campagnes": ("Campagnes", lambda line, _: line.kind in ("move", "refusal")),
    "messages": ("Messages", _of_message),
    "site": ("Site", _of_site),
    "points": ("Points", lambda line, _: line.kind == "points"),
    "refus": ("Refus", _refused),
}


def filtered(
    lines: Sequence[TimelineLine], glossary: Glossary, kind: str
) -> Sequence[TimelineLine]:
    """Those of that filter; all of them for one there is not."""
    _, test = FILTERS.get(kind, FILTERS[""])
    return [line for line in lines if test(line, glossary)]


def thread(lines: Sequence[TimelineLine], zone: ZoneInfo, now: datetime) -> Sequence[ThreadDay]:
    """The lines, the latest first, day by day."""
    shared = french.shared_minutes(line.at for line in lines)
    found = []
    for _, group in groupby(lines, lambda line: line.at.astimezone(zone).date()):
        day = list(group)
        hours = [_hour(line.at, zone, exact=line.at in shared) for line in day]
        found.append(ThreadDay(*_named(day[0].at, zone, now), list(zip(hours, day, strict=True))))
    return found


def _hour(at: datetime, zone: ZoneInfo, *, exact: bool) -> str:
    local = at.astimezone(zone)
    if exact:
        return f"{local.hour}{NBSP}h{NBSP}{local.minute:02}{NBSP}min{NBSP}{local.second:02}"
    return french.hour(local.time())


def _named(at: datetime, zone: ZoneInfo, now: datetime) -> tuple[str, str]:
    said = day_in_words(at, zone, now)
    local = at.astimezone(zone)
    if said in ("aujourd’hui", "hier", "demain"):
        number = f"1{'er'}" if local.day == 1 else str(local.day)
        whole = f"{WEEKDAYS[local.weekday()]} {number} {MONTHS[local.month - 1]}"
        return said.capitalize(), whole
    return said.capitalize(), ""
