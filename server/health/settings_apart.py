"""Processes of one base that are set otherwise than the first: each receives and sends by settings of its own.

Nothing keeps them from it: settings are changed process by process, while the others go on. What
differs is said as long as it does, by the names of the settings and never by what they hold.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.concern import Concern, Gravity
from relance.french import quoted
from server.store import processes
from server.store.processes import ProcessRow

#: Of what differs, how much is said.
_SHOWN = 8


def apart(first: ProcessRow, other: ProcessRow) -> str:
    """What that one has of other settings than the first, in a sentence; empty of nothing."""
    names = processes.set_otherwise(first, other)
    if not names:
        return ""
    return (
        f"Le processus {quoted(other.name)} est réglé autrement que le premier, {quoted(first.name)}\u00a0: "
        f"{listed(names)}."
    )


def listed(names: Sequence[str]) -> str:
    """These settings, as people are told of them: « serveur » de [email]."""
    more = len(names) - _SHOWN
    return ", ".join(map(_named, names[:_SHOWN])) + (f", et {more} de plus" if more > 0 else "")


def _named(name: str) -> str:
    section, _, key = name.rpartition(".")
    return f"{quoted(key)} de [{section}]" if section else quoted(key)


async def settings_apart(conn: AsyncConnection) -> Sequence[Concern]:
    """Each process that is there and is so set."""
    if conn.dialect.name != "postgresql":
        return ()
    first, *others = await processes.every(conn) or (None,)
    if first is None or first.number or not others:
        return ()
    there = await processes.there(conn)
    facts = [apart(first, one) for one in others if one.number in there]
    return [
        Concern(
            "processus.reglages",
            Gravity.NOTICE,
            fact,
            "Donnez-leur les mêmes réglages (relance.toml, relance.secrets.toml, variables RELANCE_…), "
            "puis relancez celui qui n’a pas les bons. D’ici là, chacun reçoit et envoie selon les siens.",
        )
        for fact in facts
        if fact
    ]
