"""The timeline of a lead: what happened, what was done about it, and why, in the order of time.

It merges the journal, the events, the messages, the entries that were refused, and what was told
and found no place.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsl.program import Program
from relance.french import quoted
from server.engine.by_hand import BY
from server.engine.moves import Cause, Move
from server.reports import french, leftovers, words
from server.reports.glossary import Glossary
from server.reports.ledger import Ledger, Readable, read_ledger
from server.reports.moves import line_of, move_details, move_reason, move_text
from server.reports.points import point_lines
from server.reports.position import position
from server.store.instants import DEFAULT_ZONE, from_micros, to_micros

#: Moves that say nothing to the reader of a script.
_SILENT = frozenset({Move.LOOP_BEGUN})


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line: when, what, why. `details` hold the truth of each phrase of a decision.

    `kind` is « event », « move », « message », « refusal », « points » or
    « leftover ».
    """

    at: datetime
    text: str
    reason: str
    details: tuple[str, ...] = ()
    campaign: str | None = None
    kind: str = "move"
    #: The sign before it.
    icon: str = "→"
    #: What it is, by its own code: a type of event, a kind of move, the state of a message.
    code: str = ""
    #: The line of the script that did it.
    line: int | None = None
    #: Whether somebody of the team did it.
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Journey:
    """One stay of a lead in a campaign: where it stands (`here`), what it passed, and why.

    `value`: what it is for, where the campaign has a stay for each; else ''.
    """

    campaign: str
    version: int
    program: Program
    entry: int
    value: str
    active: bool
    here: int | None
    passed: frozenset[int]
    state: str


async def timeline(
    store: Readable,
    lead_id: int,
    glossary: Glossary,
    campaign_key: str | None = None,
    zone: ZoneInfo = DEFAULT_ZONE,
) -> Sequence[TimelineLine]:
    """The lead's timeline, in one campaign (by name or key) or in all."""
    ledger = await read_ledger(store, lead_id, glossary, campaign_key)
    return timeline_of(ledger, zone_of(ledger, zone))


def zone_of(ledger: Ledger, default: ZoneInfo) -> ZoneInfo:
    """The one zone an answer tells its hours in: the campaigns' own when they share one.

    Two zones side by side, one for the line and one for what it says, were read as one.
    """
    zones = {program.zone for program in ledger.programs.values()}
    shared = zones.pop() if len(zones) == 1 else None
    return ZoneInfo(shared) if shared else default


def timeline_of(ledger: Ledger, zone: ZoneInfo) -> Sequence[TimelineLine]:
    """The lines of a ledger already read, every hour of them in that zone (`zone_of`)."""
    chains = _chains(ledger)
    lines = [
        *_events(ledger),
        *_moves(ledger, zone, chains),
        *_messages(ledger, zone, chains),
        *_refusals(ledger),
        *_points(ledger),
        *_leftovers(ledger),
    ]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def journeys_of(ledger: Ledger, zone: ZoneInfo, most: int | None = None) -> Sequence[Journey]:
    """Each stay in a campaign, the latest first, every hour in that zone (`zone_of`)."""
    passed = defaultdict[tuple[int, int], set[str]](set)
    for move in ledger.moves:
        statements = ledger.programs[move.version_id].statements
        if move.statement is not None and move.statement < len(statements):
            passed[move.campaign_id, move.entry].add(statements[move.statement].key)
    found = []
    for row in sorted(ledger.enrolments, key=lambda row: -row.entered_at)[:most]:
        program = ledger.programs[row.version_id]
        state = position(program, row, zone, ledger.glossary)
        if row.active and (reason := ledger.quarantined.get(row.version_id)):
            state = f"{state} {words.quarantined(reason)}"
        known = ledger.states.get(row.campaign_id)
        if row.active and known is not None and (rest := known.rest(zone)):
            state = f"{state} {rest}"
        found.append(
            Journey(
                program.name,
                row.version_id,
                program,
                row.entry,
                row.stay_value,
                bool(row.active),
                row.statement if row.active else None,
                _places(program, passed[row.campaign_id, row.entry]),
                state,
            )
        )
    return found


def _places(program: Program, keys: Collection[str]) -> frozenset[int]:
    """The statements of those keys: some may have been passed in another version."""
    return frozenset(at for at, one in enumerate(program.statements) if one.key in keys)


#: Order of lines: the instant, then the event that set them going, then events before moves before
#: messages, then rank.
_Place = tuple[int, int, int, int, int]
#: By campaign, entry and move: the event that set it going, by itself or through earlier moves.
_Chains = Mapping[tuple[int, int, int], int]


def _chains(ledger: Ledger) -> _Chains:
    found: dict[tuple[int, int, int], int] = {}
    for row in ledger.moves:
        before = found.get((row.campaign_id, row.entry, row.move - 1), 0)
        chain = {Cause.EVENT: row.cause_event, Cause.MOVE: before}.get(row.cause, 0)
        found[row.campaign_id, row.entry, row.move] = chain or 0
    return found


def _events(ledger: Ledger) -> Iterator[tuple[_Place, TimelineLine]]:
    causes = {move.cause_event for move in ledger.moves}
    for row in ledger.events.values():
        by_hand = row.properties is not None and f'"{BY}"' in row.properties
        if ledger.glossary.echo(row.type) and row.id not in causes and not by_hand:
            continue
        at = from_micros(row.occurred_at)
        text = ledger.glossary.event(row.type, row.subject, row.context)
        address = row.address if row.address and row.address != row.subject else ""
        reason = " ; ".join(
            part for part in (address, ledger.glossary.reason(row.type, row.properties)) if part
        )
        place = (row.occurred_at, row.id, 0, 0, 0)
        yield (
            place,
            TimelineLine(
                at,
                text,
                reason,
                campaign=_sender(ledger, row),
                kind="event",
                icon=ledger.glossary.event_icon(row.type),
                code=row.type,
                by_hand=by_hand,
            ),
        )


def _sender(ledger: Ledger, event: Any) -> str | None:
    """The campaign that sent the message an event is about: the key of that message, which channels give
    back, holds its number second (`server.dispatch.claim.message_key`)."""
    if not event.properties or not ledger.glossary.of_message(event.type):
        return None
    key = json.loads(event.properties).get("message")
    parts = key.split(".") if isinstance(key, str) else []
    number = parts[1] if len(parts) > 1 else ""
    return ledger.campaigns.get(int(number)) if number.isdecimal() else None


def _moves(
    ledger: Ledger, zone: ZoneInfo, chains: _Chains
) -> Iterator[tuple[_Place, TimelineLine]]:
    for row in ledger.moves:
        if row.kind in _SILENT:
            continue
        line = TimelineLine(
            from_micros(row.at),
            move_text(ledger, row),
            move_reason(ledger, row, zone),
            tuple(move_details(ledger, row, zone)),
            ledger.campaigns.get(row.campaign_id),
            code=row.kind,
            line=line_of(ledger, row),
        )
        chain = chains[row.campaign_id, row.entry, row.move]
        yield (row.at, chain, 1, row.entry, row.move), line


def _messages(
    ledger: Ledger, zone: ZoneInfo, chains: _Chains
) -> Iterator[tuple[_Place, TimelineLine]]:
    for row in ledger.messages:
        at = row.settled_at or row.doubted_at or row.created_at
        chain = chains.get((row.campaign_id, row.entry, row.move), 0)
        yield (
            (at, chain, 2, row.entry, row.move),
            TimelineLine(
                from_micros(at),
                ledger.glossary.message(row.channel, row.message, row.recipient, row.state),
                _why(row),
                tuple(hold_lines(row.holds, zone)),
                campaign=ledger.campaigns.get(row.campaign_id),
                kind="message",
                icon=ledger.glossary.message_icon(row.channel),
                code=row.state,
            ),
        )


def _why(row: Any) -> str:
    parts = [row.reason] if row.reason else []
    if row.gathering is not None:
        parts.append(_together(row))
    if row.doubted_at is not None and row.state != "doubtful":
        parts.append("envoi un moment incertain : il a pu partir deux fois")
    if row.attempts > 1:
        parts.append(french.count(row.attempts, "essai"))
    return ", ".join(parts)


def hold_lines(holds: str | None, zone: ZoneInfo) -> Iterator[str]:
    """Each time the policy put a message off: since when, until when, and why."""
    for since, until, why in json.loads(holds) if holds else ():
        times = [french.instant(from_micros(one), zone) for one in (since, until)]
        yield f"retenu le {times[0]} jusqu’au {times[1]} ({why})"


def _together(row: Any) -> str:
    """In which message it went: the one that stands for all is the one that was tried."""
    if row.attempts:
        return "avec d’autres leads, en un seul envoi"
    lead, _, _ = row.gathering.partition(".")
    return f"dit dans l’envoi qui parle d’abord du lead n° {lead}"


def _points(ledger: Ledger) -> Iterator[tuple[_Place, TimelineLine]]:
    for one in point_lines(ledger.warmth):
        # A rule's come before the moves of that event, as they are given; a campaign's after.
        place = (to_micros(one.at), one.event_id or one.id, 1 if one.by_rule else 2, 0, one.id)
        yield place, TimelineLine(one.at, one.text, one.reason, kind="points", icon="±")


def _leftovers(ledger: Ledger) -> Iterator[tuple[_Place, TimelineLine]]:
    for row in ledger.leftovers:
        times = f" ({french.count(row.times, 'fois', 'fois')})" if row.times > 1 else ""
        yield (
            (row.at, 0, 3, 0, 0),
            TimelineLine(
                from_micros(row.at),
                f"Resté sans place{times} : {leftovers.what(row)}",
                f"{leftovers.door(row.source, ledger.glossary)} : {leftovers.why(row.reason)}",
                kind="leftover",
                icon="?",
            ),
        )


def _refusals(ledger: Ledger) -> Iterator[tuple[_Place, TimelineLine]]:
    for row in ledger.refusals:
        name = ledger.campaigns.get(row.campaign_id, "")
        yield (
            (row.at, row.event_id or 0, 1, 0, 0),
            TimelineLine(
                from_micros(row.at),
                f"N’entre pas dans la campagne {quoted(name)}",
                _why_not(ledger, row),
                _bars(ledger, row),
                campaign=name,
                kind="refusal",
                icon="✗",
            ),
        )


def _why_not(ledger: Ledger, refusal: Any) -> str:
    other = ledger.holding.get(refusal.held_by)
    if other is not None:
        return words.held_by(other)
    program = ledger.barring.get(refusal.campaign_id)
    return words.refusal(refusal.reason, program.reentry_property if program else None)


def _bars(ledger: Ledger, refusal: Any) -> tuple[str, ...]:
    """What keeps it out, as the campaign now says it."""
    program = ledger.barring.get(refusal.campaign_id)
    if program is None or refusal.reason not in words.BARRED:
        return ()
    excluded = refusal.reason == "excluded"
    clauses = program.exclusions if excluded else program.suppressions
    return tuple(ledger.glossary.said(one.place.said) for one in clauses)
