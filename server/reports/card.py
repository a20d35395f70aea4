"""The card of a lead: its fields, its lists and tags, what may be sent to it and why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.channel_type import ChannelType
from relance.consent import Agreed, agreed
from relance.proof import Proof
from server.reports import french
from server.reports.glossary import Glossary
from server.store import suppressions
from server.store.consents import ledgers
from server.store.fields import FieldCatalogue, FieldColumn
from server.store.instants import from_micros
from server.store.schema.leads import lead_tags, list_members, lists
from server.store.schema.messages import attached
from server.store.schema.rules import dynamic_lists
from server.store.schema.trust import field_proofs

#: Lists and tags that are told at most.
_MOST = 100
PHONES = frozenset({"telephone", "cellulaire"})
#: What is said of who has none, by the field that a channel writes to.
_LACKING = {"courriel": "aucun courriel connu", "cellulaire": "aucun cellulaire connu"}


@dataclass(frozen=True, slots=True)
class ChannelRight:
    """Whether a channel may write to the lead. `open` None: nothing was asked, nor refused."""

    channel: str
    open: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class LeadCard:
    """`fields`: those that hold something, with their value in words."""

    id: int
    name: str
    email: str
    phone: str
    city: str
    created: datetime
    fields: Sequence[tuple[str, str]]
    lists: Sequence[str]
    tags: Sequence[str]
    rights: Sequence[ChannelRight]

    @property
    def called(self) -> str:
        """What a page calls it."""
        return self.name or self.email or self.phone or f"Visiteur n° {self.id}"

    @property
    def initials(self) -> str:
        """« AG » of « Aline Gagnon »; of who gave no name, the first letter of what it is called by."""
        return french.initials(self.called)


async def read_card(
    conn: AsyncConnection,
    fields: FieldCatalogue,
    glossary: Glossary,
    lead_id: int,
    now: datetime,
    zone: ZoneInfo,
) -> LeadCard | None:
    """The card; None for nobody, and for who was found to be another."""
    table = fields.table
    found = (await conn.execute(select(table).where(table.c.id == lead_id))).mappings().first()
    row: dict[Any, Any] = dict(found or {"merged_into": 0})
    if row["merged_into"] is not None:
        return None
    return LeadCard(
        lead_id,
        name_of(row),
        row["f_courriel"] or "",
        phone_of(row),
        row["f_ville"] or "",
        from_micros(row["created_at"]),
        [
            (one.name, _in_words(one, row[one.column.name]))
            for one in fields
            if row[one.column.name] not in (None, "")
        ],
        await _lists(conn, lead_id),
        await _tags(conn, lead_id),
        await _rights(conn, fields, glossary, row, now, zone),
    )


def name_of(row: Mapping[Any, Any]) -> str:
    """« Aline Gagnon »; empty for who gave none."""
    return " ".join(filter(None, (row["f_prenom"], row["f_nom"])))


def phone_of(row: Mapping[Any, Any]) -> str:
    """« +1 514-555-0134 », as it is dialled from anywhere; as it was given, where it cannot be."""
    return phone_in_words(str(row["f_cellulaire"] or row["f_telephone"] or ""))


def phone_in_words(given: str) -> str:
    """A number as everybody reads it; as it was given, where it is none."""
    try:
        read = phonenumbers.parse(given)
    except phonenumbers.NumberParseException:
        return given
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _in_words(one: FieldColumn, value: object) -> str:
    return phone_in_words(str(value)) if one.key in PHONES else french.value(value)


async def _lists(conn: AsyncConnection, lead_id: int) -> Sequence[str]:
    named = func.coalesce(dynamic_lists.c.name, lists.c.name, list_members.c.list_key)
    query = (
        select(named)
        .select_from(list_members)
        .outerjoin(lists, lists.c.key == list_members.c.list_key)
        .outerjoin(dynamic_lists, dynamic_lists.c.key == list_members.c.list_key)
        .where(list_members.c.lead_id == lead_id)
        .order_by(list_members.c.list_key)
        .limit(_MOST)
    )
    return list(await conn.scalars(query))


async def _tags(conn: AsyncConnection, lead_id: int) -> Sequence[str]:
    query = (
        select(lead_tags.c.name)
        .where(lead_tags.c.lead_id == lead_id)
        .order_by(lead_tags.c.tag_key)
        .limit(_MOST)
    )
    return list(await conn.scalars(query))


async def _rights(
    conn: AsyncConnection,
    fields: FieldCatalogue,
    glossary: Glossary,
    row: Mapping[Any, Any],
    now: datetime,
    zone: ZoneInfo,
) -> Sequence[ChannelRight]:
    lead_id = row["id"]
    kept = (await ledgers(conn, [lead_id])).get(lead_id, ())
    browsers = select(attached.c.channel).where(attached.c.lead_id == lead_id)
    held = set(await conn.scalars(browsers))
    found = []
    for one in glossary.channels:
        if one.address_field is None and one.left is None:
            continue  # it writes to somebody else
        field = fields.get(one.address_field) if one.address_field else None
        address = str(row[field.column.name] or "") if field is not None else ""
        confirmed = field is not None and await _is_confirmed(conn, field, lead_id)
        said = agreed((each.event for each in kept), one.channel, now, confirmed=confirmed)
        left = await suppressions.find(conn, one.channel, address) if address else None
        found.append(_right(one, said, left, bool(address) or one.channel in held, zone))
    return found


def _right(
    channel: ChannelType,
    said: Agreed,
    left: suppressions.Suppression | None,
    reached: bool,
    zone: ZoneInfo,
) -> ChannelRight:
    """What stops first, as the sending looks at it; then what was agreed to."""
    name = channel.several[:1].upper() + channel.several[1:]
    if left is not None:
        day = french.day(from_micros(left.at).astimezone(zone).date())
        return ChannelRight(name, False, f"{left.reason}, le {day}")
    if said.withdrawn is not None:
        return ChannelRight(name, False, f"refusés{_since(said.withdrawn.occurred_at, zone)}")
    if not reached:
        return ChannelRight(
            name, None, _LACKING.get(channel.address_field or "", "aucune adresse connue")
        )
    if said.given:
        last = said.given[-1]
        basis = said.basis.label
        return ChannelRight(name, True, f"consentement {basis}{_since(last.occurred_at, zone)}")
    if said.waiting:
        return ChannelRight(name, None, "consentement à confirmer")
    return ChannelRight(name, None, "aucun consentement connu")


def _since(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f" le {french.day(at.astimezone(zone).date())}"


async def _is_confirmed(conn: AsyncConnection, field: FieldColumn, lead_id: int) -> bool:
    query = select(field_proofs.c.proof).where(
        field_proofs.c.lead_id == lead_id, field_proofs.c.field == field.column.name
    )
    return (await conn.scalar(query) or 0) >= Proof.CONFIRMED
