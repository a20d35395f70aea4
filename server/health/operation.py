"""Who does the work of a server now, and what waits to be done: its processes, its shares, its lag.

All of it is read from the base, so that it is the same whoever asks: a page, a command, a process
that is not the first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, report
from server.health import recorded
from server.health.settings_apart import apart
from server.health.silence import is_silent, silences
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.outbox_states import outbox_report
from server.store import lanes, processes, shards
from server.store.inbox import same_event
from server.store.instants import SECOND, Micros, from_micros
from server.store.lanes import LaneRow, SendingRow
from server.store.processes import ProcessRow
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events, inbox
from server.store.schema.messages import outbox
from server.store.schema.server import division

#: What a process is known by in a list.
_RELEASE = 8
_MOVES = "avancer"
#: In the order in which people are told of them.
_ROLES = ("recevoir", _MOVES, "envoyer")
#: Said of one that waits for the first’s place, to be another release’s.
_WAITS = "attendre"


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process as it says it is, and as the base sees it. `silent`: for how many seconds."""

    row: ProcessRow
    there: bool
    silent: float | None
    #: Of how many shards it moves the leads in one go; None: of none.
    shards: int | None
    #: How many messages it is sending.
    sending: int
    #: The settings by which it differs from the first.
    apart: Sequence[str] = ()

    @property
    def state(self) -> str:
        """What it is to the others."""
        if not self.there:
            return "plus là"
        if is_silent(self.silent):
            return "muet"
        if self.row.number == 0:
            return "premier"
        if self.row.has(_WAITS):
            return "attend"
        return "aide" if self.row.known else "arrive"


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """What waits of one kind: how many, and for how long the first of them has, in seconds."""

    what: str
    key: str
    count: int
    oldest: float | None


@dataclass(frozen=True, slots=True)
class ChannelWork:
    """How a channel is doing for all the processes that send on it."""

    channel: str
    sending: int
    #: When the first lease of those under way ends: another process takes the message back then.
    lease: Micros | None
    #: Until when nothing is sent, and why, if so.
    cut: Micros | None
    why: str | None


@dataclass(frozen=True, slots=True)
class ServerOperation:
    """The processes of a base, and what waits for them."""

    processes: Sequence[ProcessLine]
    #: Whether several move leads now, each some shards of them.
    shared: bool
    waiting: Sequence[WaitingLine]
    channels: Sequence[ChannelWork]

    @property
    def movers(self) -> int:
        """How many move leads now."""
        return sum(one.shards is not None for one in self.processes)


async def operation(conn: AsyncConnection, now: Micros) -> ServerOperation:
    """Look at the base; `now` is by the server's clock."""
    rows = await processes.every(conn)
    several = conn.dialect.name == "postgresql"
    found = await silences(conn)
    divided = (await conn.execute(select(division))).one_or_none()
    movers = divided.processes if divided is not None and divided.shared else None
    under_way = await lanes.sending(conn) if several else ()
    sending = Counter[int]()
    for one in under_way:
        sending[one.process] += one.messages
    lines = [_line(row, rows[0], found, movers, sending[row.number]) for row in rows]
    channels = _channels(under_way, await lanes.every(conn), now)
    return ServerOperation(lines, movers is not None, await _waiting(conn, now), channels)


def _channels(
    under_way: Sequence[SendingRow], known: Mapping[str, LaneRow], now: Micros
) -> Sequence[ChannelWork]:
    lines = []
    for channel in sorted({*known, *(one.channel for one in under_way)}):
        mine = [one for one in under_way if one.channel == channel]
        lease = min((one.until for one in mine if one.until is not None), default=None)
        row = known.get(channel)
        cut = row.until if row is not None and row.until is not None and row.until > now else None
        why = row.reason if row is not None and cut is not None else None
        count = sum(one.messages for one in mine)
        if count or cut is not None:
            lines.append(ChannelWork(channel, count, lease, cut, why))
    return lines


def _line(
    row: ProcessRow,
    first: ProcessRow,
    there: Mapping[int, float | None],
    movers: int | None,
    sending: int,
) -> ProcessLine:
    """`there`: `silences`; `movers`: among how many leads are shared; None: the first has them all."""
    moves = row.number == 0 if movers is None else row.has(_MOVES) and row.known
    share = -(-shards.COUNT // max(movers or 1, 1)) if row.number in there and moves else None
    silent = there.get(row.number)
    otherwise = processes.set_otherwise(first, row) if row.number in there else ()
    return ProcessLine(row, row.number in there, silent, share, sending, otherwise)


async def _waiting(conn: AsyncConnection, now: Micros) -> Sequence[WaitingLine]:
    """Each through the index that holds what waits, and no more than that."""
    oldest = select(inbox).order_by(inbox.c.id).limit(1).subquery()
    first = await conn.scalar(select(events.c.received_at).where(*same_event(events, oldest)))
    wakes = await recorded.overdue_of(conn, enrolments.c.wake_at, now)
    sends = await recorded.overdue_of(conn, outbox.c.due_at, now)
    count = await recorded.backlog(conn)
    return [
        WaitingLine("Événements à traiter", "evenements", count, _since(first, now)),
        WaitingLine("Échéances en retard", "echeances", wakes.count, _since(wakes.oldest, now)),
        WaitingLine("Envois en retard", "envois", sends.count, _since(sends.oldest, now)),
    ]


def _since(at: Micros | None, now: Micros) -> float | None:
    return None if at is None else max(now - at, 0) / SECOND


_PROCESSES: Columns[ProcessLine] = {
    Column("Processus", "nom", CellType.ADDRESS): lambda one: one.row.name,
    Column("N°", "numero", CellType.NUMBER): lambda one: one.row.number,
    Column("État", "etat"): lambda one: one.state,
    Column("Rôles", "roles"): lambda one: ", ".join(filter(one.row.has, (*_ROLES, _WAITS))),
    Column("Depuis", "depuis", CellType.INSTANT): lambda one: from_micros(one.row.since),
    Column("Dernier signe, il y a", "silence", CellType.DELAY): lambda one: _seconds(one.silent),
    Column("Parts d’un coup", "parts", CellType.COUNT): lambda one: one.shards,
    Column("Envois en cours", "envois", CellType.COUNT): lambda one: one.sending,
    Column("Version", "version", CellType.ADDRESS): lambda one: one.row.release[:_RELEASE],
    Column("", "reglages_differents", CellType.LINES): lambda one: one.apart,
}
_WAITING: Columns[WaitingLine] = {
    Column("Sorte"): lambda one: one.what,
    Column("", "quoi"): lambda one: one.key,
    Column("Nombre", "nombre", CellType.COUNT): lambda one: one.count,
    Column("Le premier depuis", "depuis", CellType.DELAY): lambda one: one.oldest,
}


def processes_report(found: ServerOperation) -> Report:
    """The processes, the first before the others; what each has to itself."""
    alone = "Un seul processus fait tout : il n’y en a pas d’autre sur cette base."
    notes = [_sharing(found)] if found.processes else []
    if len({one.row.release for one in found.processes if one.there}) > 1:
        notes.append(
            "Deux versions de Relance se côtoient : les processus qui ne sont pas de celle du premier ne "
            "font que recevoir. Relancez-les un à un."
        )
    lines = found.processes
    notes += [apart(lines[0].row, one.row) for one in lines if one.apart]
    return report("Processus", _PROCESSES, lines, empty=alone, notes=notes, layout=Layout.FOLDING)


def channels_report(found: ServerOperation, glossary: Glossary) -> Report:
    """Of the channels, those that several processes are sending on and those that are cut."""
    columns: Columns[ChannelWork] = {
        Column("Canal"): lambda one: glossary.channel(one.channel),
        Column("", "canal"): lambda one: one.channel,
        Column("Envois en cours", "envois", CellType.COUNT): lambda one: one.sending,
        Column("Premier bail, jusqu’à", "bail", CellType.INSTANT): lambda one: _at(one.lease),
        Column("Coupé jusqu’à", "coupe", CellType.INSTANT): lambda one: _at(one.cut),
        Column("Pourquoi", "raison"): lambda one: one.why,
    }
    calm = "Rien n’est en cours d’envoi entre plusieurs processus, aucun canal n’y est coupé."
    lines, folding = found.channels, Layout.FOLDING
    return report("Canaux, entre les processus", columns, lines, empty=calm, layout=folding)


def _seconds(silent: float | None) -> float | None:
    """A second at least: who has just spoken is not told to have done so « 0 minute » ago."""
    return None if silent is None else max(silent, 1.0)


def _at(instant: Micros | None) -> datetime | None:
    return None if instant is None else from_micros(instant)


def _sharing(found: ServerOperation) -> str:
    if not any(one.there for one in found.processes):
        return "Aucun processus n’est là : rien n’avance ni ne part. Démarrez le serveur."
    if not found.shared:
        return "Les leads ne sont pas partagés en ce moment : le premier les fait tous avancer."
    movers = french.count(found.movers, "processus", "processus")
    return (
        f"Les leads sont partagés entre {movers} : chacun en prend des parts à son tour, et nul "
        "autre n’y touche d’ici là."
    )


def waiting_report(found: ServerOperation) -> Report:
    """What is to be done, and since when."""
    return report("Ce qui attend", _WAITING, found.waiting)


async def operation_reports(conn: AsyncConnection, now: Micros, glossary: Glossary) -> ReportSet:
    """All that a command says of it."""
    found = await operation(conn, now)
    parts = {
        "processus": processes_report(found),
        "attente": waiting_report(found),
        "canaux": channels_report(found, glossary),
        "messages": await outbox_report(conn, glossary),
    }
    return ReportSet("État du serveur", parts)
