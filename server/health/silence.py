"""Processes that are there and say nothing: frozen, or on a machine at its end."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.concern import Concern, Gravity
from relance.french import quoted
from server.store import processes

#: A process is asked every five seconds whether it is there: one that missed so many is frozen.
SILENT = 15.0


async def silences(conn: AsyncConnection) -> Mapping[int, float | None]:
    """For how many seconds each process that is there has said nothing; on PostgreSQL alone."""
    return await processes.silences(conn) if conn.dialect.name == "postgresql" else {}


def is_silent(seconds: float | None) -> bool:
    """Whether that is too long."""
    return seconds is not None and seconds > SILENT


async def silent_processes(conn: AsyncConnection) -> Sequence[Concern]:
    """Each of them, so that somebody ends it: it keeps its place as long as its connection lives."""
    silent = {number for number, seconds in (await silences(conn)).items() if is_silent(seconds)}
    if not silent:
        return ()
    return [
        Concern(
            "processus.muet",
            Gravity.IMPAIRED,
            f"Le processus {quoted(one.name)} ne donne plus signe de vie, et garde sa place.",
            "Arrêtez-le, de force s’il le faut (kill -9) : les autres prennent aussitôt ce qu’il avait. "
            "«\u00a0relance etat\u00a0» les montre tous.",
        )
        for one in await processes.every(conn)
        if one.number in silent
    ]
