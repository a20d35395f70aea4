"""What the store tells of the server's health, running or not: each question asked through an index.

Conditions are written in the very words of the indexes they go through: SQLite takes « active = 1 »
for another condition than « active », and reads the whole table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.concern import Concern, Gravity
from relance.french import quoted
from server.dispatch import held
from server.dispatch.limits import REASONS, LimitScope
from server.health.settings_apart import settings_apart
from server.health.silence import silent_processes
from server.reports import french
from server.reports import leftovers as leftover
from server.reports.glossary import Glossary
from server.store import leftovers
from server.store.instants import DAY, SECOND, Micros
from server.store.schema.campaigns import campaigns, enrolments, set_aside, versions
from server.store.schema.events import inbox
from server.store.schema.messages import LIMITED, LOST, outbox

#: Counting stops here: beyond, « a lot » is all one needs to know.
MANY = 100_001
#: What is late by less than this is only about to be done.
_LATE = 30 * SECOND
#: What is late by more than this is not about to be done.
_VERY_LATE = 300 * SECOND
#: How far back a message that was lost is still news.
_RECENT = DAY
#: How many reasons are told of one channel.
_REASONS = 5
_SHOWN = 50


async def backlog(conn: AsyncConnection) -> int:
    """How many events wait for the engine."""
    waiting = select(inbox.c.id).limit(MANY).subquery()
    return await conn.scalar(select(func.count()).select_from(waiting)) or 0


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many are late, and when the first of those counted was due."""

    count: int
    oldest: Micros | None


async def overdue_of(conn: AsyncConnection, column: ColumnElement[Any], now: Micros) -> Lateness:
    """Of the instants of that column."""
    late = select(column.label("due")).where(column <= now - _LATE).limit(MANY).subquery()
    found = (await conn.execute(select(func.count(), func.min(late.c.due)))).one()
    return Lateness(*found)


async def overdue(conn: AsyncConnection, now: Micros) -> int:
    """How many wake times and messages are late."""
    columns = (enrolments.c.wake_at, outbox.c.due_at)
    return sum([(await overdue_of(conn, one, now)).count for one in columns])


async def recorded(conn: AsyncConnection, now: Micros, glossary: Glossary) -> Sequence[Concern]:
    """All that the store tells."""
    return [
        *await silent_processes(conn),
        *await settings_apart(conn),
        *await _quarantined(conn),
        *await _retired(conn),
        *await _late(conn, now),
        *await _lost(conn, now, glossary),
        *await _doubtful(conn),
        *await _held(conn),
        *await _limited(conn),
        *await _left_over(conn, now, glossary),
    ]


async def _quarantined(conn: AsyncConnection) -> Sequence[Concern]:
    """The campaigns a version of which failed as it ran."""
    query = (
        select(campaigns.c.name, func.max(set_aside.c.reason))
        .select_from(
            set_aside.join(versions, versions.c.id == set_aside.c.version_id).join(
                campaigns, campaigns.c.id == versions.c.campaign_id
            )
        )
        .group_by(campaigns.c.name)
        .order_by(campaigns.c.name)
        .limit(_SHOWN)
    )
    return [
        Concern(
            "campagne.mise-de-cote",
            Gravity.STOPPED,
            f"La campagne {quoted(name)} est mise de côté, car son script a échoué en marche "
            f"({reason}).",
            "Corrigez-le et publiez-le : rien de ce qui arrive entre-temps n’est perdu.",
        )
        for name, reason in await conn.execute(query)
    ]


async def _retired(conn: AsyncConnection) -> Sequence[Concern]:
    """The campaigns no longer in the rules in which there are people."""
    inside = (
        select(func.count())
        .where(text("enrolments.active"), enrolments.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
        .scalar_subquery()
    )
    query = (
        select(campaigns.c.name, inside.label("inside"))
        .where(~campaigns.c.present)
        .order_by(campaigns.c.name)
        .limit(_SHOWN)
    )
    return [
        Concern(
            "campagne.retiree",
            Gravity.IMPAIRED,
            f"La campagne {quoted(name)} n’est plus dans les règles : personne n’y entre, et "
            f"{french.count(people, 'personne')} {'la finit' if people < 2 else 'la finissent'}.",
            "Si elle a été retirée à dessein, il n’y a rien à faire. Sinon, remettez son script dans "
            "le dossier du projet.",
        )
        for name, people in await conn.execute(query)
        if people
    ]


async def _late(conn: AsyncConnection, now: Micros) -> Sequence[Concern]:
    """Wakes that should have come long ago: the engine does not follow."""
    due = enrolments.c.wake_at
    late = select(due).where(due <= now - _VERY_LATE).limit(MANY).subquery()
    count = await conn.scalar(select(func.count()).select_from(late)) or 0
    if not count:
        return ()
    return [
        Concern(
            "moteur.retard",
            Gravity.IMPAIRED,
            f"{french.count(count, 'échéance est', 'échéances sont')} en retard de plus de cinq "
            "minutes.",
            "Un afflux se résorbe de lui-même. Si le nombre ne baisse pas, regardez la charge de la "
            "machine et le journal du serveur.",
        )
    ]


async def _lost(conn: AsyncConnection, now: Micros, glossary: Glossary) -> Sequence[Concern]:
    """Messages that will not leave, by channel, since a day."""
    count = func.count().label("count")
    query = (
        select(outbox.c.channel, outbox.c.state, outbox.c.reason, count)
        .where(text(f"outbox.{LOST}"), outbox.c.settled_at > now - _RECENT)
        .group_by(outbox.c.channel, outbox.c.state, outbox.c.reason)
        .order_by(count.desc(), outbox.c.reason)
        .limit(1_000)
    )
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for channel, state, reason, number in await conn.execute(query):
        found.setdefault((channel, state), []).append((number, reason or "sans raison donnée"))
    return [
        _of_channel(channel, state, reasons, glossary)
        for (channel, state), reasons in sorted(found.items())
    ]


def _of_channel(
    channel: str, state: str, reasons: Sequence[tuple[int, str]], glossary: Glossary
) -> Concern:
    total = sum(number for number, _ in reasons)
    many = total > 1
    name = glossary.channel(channel)
    details = tuple(f"{french.number(number)} : {reason}" for number, reason in reasons[:_REASONS])
    if state == "unreachable":
        return Concern(
            f"adresses.{channel}",
            Gravity.NOTICE,
            f"Canal {quoted(name)} : {french.count(total, 'message')} "
            f"{'n’ont' if many else 'n’a'} pas trouvé d’adresse qui reçoive, depuis 24 heures.",
            "Corrigez ces fiches si vous le pouvez : un message refusé ne repart pas de lui-même.",
            details,
        )
    how = "abandonné" if state == "failed" else "refusé"
    return Concern(
        f"messages.{channel}",
        Gravity.IMPAIRED,
        f"Canal {quoted(name)} : {french.count(total, 'message')} "
        f"{f'ont été {how}s' if many else f'a été {how}'} depuis 24 heures.",
        "Corrigez la cause : ces messages ne repartent pas d’eux-mêmes.",
        details,
    )


async def _held(conn: AsyncConnection) -> Sequence[Concern]:
    """Messages held since the base was restored."""
    count = await held.count(conn, held.RESTORED)
    if not count:
        return ()
    return [
        Concern(
            "envois.retenus",
            Gravity.IMPAIRED,
            "La base a été restaurée : "
            f"{french.count(count, 'envoi, peut-être déjà parti, est retenu', 'envois, peut-être déjà partis, sont retenus')}.",
            f"{quoted('relance retenus')} les montre ; «\u00a0--envoyer\u00a0» ou "
            "«\u00a0--abandonner\u00a0» en décide.",
        )
    ]


async def _limited(conn: AsyncConnection) -> Sequence[Concern]:
    """Messages beyond what their recipients may be sent in a day.

    One mailbox may be flooded without anything being wrong here; a whole campaign may not.
    """
    count = func.count().label("count")
    held_now = select(outbox.c.reason).where(text(f"outbox.{LIMITED}")).limit(MANY).subquery()
    query = (
        select(held_now.c.reason, count)
        .group_by(held_now.c.reason)
        .order_by(count.desc(), held_now.c.reason)
    )
    reasons = [(reason or "", number) for reason, number in await conn.execute(query)]
    if not reasons:
        return ()
    alone = all(reason == REASONS[LimitScope.ADDRESS] for reason, _ in reasons)
    total = sum(number for _, number in reasons)
    return [
        Concern(
            "envois.limites",
            Gravity.NOTICE if alone else Gravity.IMPAIRED,
            f"{french.count(total, 'envoi est retenu', 'envois sont retenus')} : "
            f"{'son destinataire a' if total < 2 else 'leurs destinataires ont'} reçu tout ce que "
            f"les limites de {quoted('[destinataires]')} permettent en un jour.",
            "Quelqu’un remplit peut-être vos formulaires au nom d’un autre. "
            f"{quoted('relance limites')} les montre ; «\u00a0--envoyer\u00a0» ou "
            "«\u00a0--abandonner\u00a0» en décide. Si c’est votre usage, relevez la limite.",
            tuple(
                f"{french.number(number)} : {reason.removeprefix('retenu : ')}"
                for reason, number in reasons
            ),
        )
    ]


async def _doubtful(conn: AsyncConnection) -> Sequence[Concern]:
    """Messages nobody will send again by themselves, lest they leave twice."""
    doubted = (outbox.c.doubted_at.is_not(None), outbox.c.state == "doubtful")
    held = select(outbox.c.lead_id).where(*doubted).limit(MANY).subquery()
    count = await conn.scalar(select(func.count()).select_from(held)) or 0
    if not count:
        return ()
    return [
        Concern(
            "envois.incertains",
            Gravity.NOTICE,
            f"{french.count(count, 'envoi est incertain', 'envois sont incertains')} : partis ou "
            "non, personne ne peut le dire.",
            f"{quoted('relance incertains')} les montre.",
        )
    ]


async def _left_over(conn: AsyncConnection, now: Micros, glossary: Glossary) -> Sequence[Concern]:
    """What came in since a day and found no place."""
    found = await leftovers.groups(conn, now - _RECENT)
    if not found:
        return ()
    times = sum(one.times for one in found)
    shown = tuple(
        f"{one.times} : {leftover.what(one)} ({leftover.door(one.source, glossary)}) : "
        f"{leftover.why(one.reason)}"
        for one in found[:_REASONS]
    )
    return [
        Concern(
            "recu.sans-place",
            Gravity.NOTICE,
            f"{french.count(times, 'valeur reçue n’a', 'valeurs reçues n’ont')} pas trouvé de place "
            "depuis 24 heures.",
            f"Rien n’est perdu : {quoted('relance refus')} les montre, avec ce qu’il faut changer.",
            shown,
        )
    ]
