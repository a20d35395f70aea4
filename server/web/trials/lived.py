"""What a real lead lived in a campaign, made nobody's: a script is read by everybody of the team.

Nothing that names somebody is taken: no address, no telephone, no name, no date; a text only where the
script itself holds it, and so teaches nothing to who reads it there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import fold, key_of
from server.engine.moves import Move
from server.language.draft import DraftLanguage
from server.language.trial_offers import accepted
from server.language.trial_text import ALINE, TrialLine, begun_text
from server.reports.ledger import Ledger, ledger_of
from server.reports.people import find_lead
from server.reports.timeline import zone_of
from server.store.fields import FieldCatalogue
from server.store.instants import from_micros
from server.web.office import Office

#: So much of a journey makes a scenario that is still read.
_MOST = 40
_LONGEST = 254
_KEPT_TYPES = frozenset({"nombre", "choix", "texte"})
#: What says who somebody is, whatever the script compares it with.
_NAMING = frozenset({*ALINE, "nom", "téléphone", "entreprise", "adresse", "code postal"})
_NAMING_KEYS = frozenset(key_of(one) for one in _NAMING)


@dataclass(frozen=True, slots=True)
class Lived:
    """What happened, and what was known; `left`: how many events could not be told without saying
    who they were of, or have no words in a scenario."""

    lines: Sequence[TrialLine]
    fields: Mapping[str, str]
    left: int


async def lived(
    office: Office, draft: DraftLanguage, file: str, campaign: str, words: str
) -> Lived | str:
    """The journey of the lead whom those words name; else why there is none."""
    async with office.store.read() as conn:
        lead = await find_lead(conn, words[:_LONGEST]) if words.strip() else None
        if lead is None:
            return "Personne ne répond à cela : un courriel, un téléphone ou un numéro de lead."
        ledger = await ledger_of(conn, lead, office.glossary, campaign)
        row = await _row(conn, office.store.fields, lead)
    if not ledger.enrolments:
        return "Cette personne n’est jamais entrée dans cette campagne."
    script = await draft.ask(lambda service: service.sources[file])
    read = fold(script)
    zone = zone_of(ledger, office.settings.zone)
    happened = _since(ledger)
    said = [(at, _said(ledger, event, read)) for at, event in happened]
    known = [(at, text) for at, text in said if text is not None]
    texts = [TrialLine(text, at=_when(at, zone)).written for at, text in known]
    good = set(await draft.ask(lambda service: accepted(service, file, texts)))
    lines = [
        TrialLine(text, at=_when(at, zone))
        for (at, text), written in zip(known, texts, strict=True)
        if written in good
    ]
    if not lines:
        return "Rien de ce que cette personne a vécu ne peut s’écrire sans dire qui elle est."
    fields = _known(office.store.fields, row, read)
    return Lived(lines[:_MOST], fields, len(happened) - len(lines[:_MOST]))


async def _row(conn: AsyncConnection, fields: FieldCatalogue, lead: int) -> Mapping[Any, Any]:
    table = fields.table
    found = await conn.execute(select(table).where(table.c.id == lead))
    return dict(found.mappings().one())


def _since(ledger: Ledger) -> Sequence[tuple[datetime, Any]]:
    """The events of the last stay and what let in, in order, without those that the engine makes."""
    entry = max(row.entry for row in ledger.enrolments)
    causes = [
        move.cause_event
        for move in ledger.moves
        if move.entry == entry and move.kind == Move.ENTERED and move.cause_event
    ]
    (since,) = (row.entered_at for row in ledger.enrolments if row.entry == entry)
    first = [ledger.events[one].occurred_at for one in causes if one in ledger.events]
    begins = min([since, *first])
    made = {row.message for row in ledger.messages}
    return [
        (from_micros(row.occurred_at), row)
        for row in sorted(ledger.events.values(), key=lambda one: (one.occurred_at, one.id))
        if row.occurred_at >= begins
        and not ledger.glossary.echo(row.type)
        and not (row.subject in made and row.type.endswith(("_sent", "_delivered")))
    ]


def _said(ledger: Ledger, event: Any, read: str) -> str | None:
    """An event as a scenario says it; None where its words are not of the script."""
    words = ledger.glossary.event(event.type, event.subject, event.context)
    own = [one for one in (event.subject, event.context) if one]
    known = all(f"({fold(one)})" in read for one in own) if own else fold(words) in read
    if not known:
        return None
    return words + "".join(_wheres(event.properties, read))


def _wheres(properties: str | None, read: str) -> Sequence[str]:
    """What an event says that the script asks of it: numbers, and texts that the script holds."""
    held = json.loads(properties) if properties else {}
    found = []
    for name, value in held.items():
        if not isinstance(name, str) or f"({fold(name)})" not in read:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number or (isinstance(value, str) and f"({fold(value)})" in read):
            shown = str(value).replace(".", ",") if number else value
            found.append(f" où ({name}) égal à ({shown})")
    return found[:1]


def _known(fields: FieldCatalogue, row: Mapping[Any, Any], read: str) -> Mapping[str, str]:
    """What was known of them that the script asks about."""
    found = dict[str, str]()
    for one in fields:
        value = row.get(one.column.name)
        named = f"({fold(one.name)})" in read and key_of(one.name) not in _NAMING_KEYS
        if value in (None, "") or not named or one.type not in _KEPT_TYPES:
            continue
        text = str(value)
        if one.type == "nombre" or f"({fold(text)})" in read:
            found[one.name] = text.replace(".", ",") if one.type == "nombre" else text
    return found


def _when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return begun_text(local.date(), local.time())
