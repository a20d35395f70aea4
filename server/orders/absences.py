"""The verbs of absences: somebody of the team is away between two days, or is not after all.

Both take effect at once, without a publication: a holiday is no change of the rules.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from server.engine.effects import team as turns
from server.orders.declined import Declined
from server.orders.recorded import OwnVerb
from server.reports import french
from server.store import absences
from server.store.absences import Absence
from server.store.instants import midnight, now_micros
from server.store.schema.rules import team
from server.store.store import Store
from server.store.written_with import WriteDown

NOTE, CANCEL = "noter-absence", "oter-absence"
_LONGEST_REASON, _LONGEST = 200, timedelta(days=3 * 366)


class AbsenceOrders:
    """Does them in a base; days are the project’s."""

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo) -> None:
        self._store, self._clock, self._zone = store, clock, zone

    def verbs(self) -> Mapping[str, OwnVerb]:
        """Each by its name."""
        return {NOTE: self._note, CANCEL: self._cancel}

    async def _note(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`nom` is away from `du` to `au`, both in; `raison`, if one is given."""
        first, last = _day(given.get("du", ""), "du"), _day(given.get("au", ""), "au")
        now = now_micros(self._clock)
        begins = midnight(first, self._zone)
        ends = midnight(last + timedelta(days=1), self._zone)
        if first > last:
            raise Declined("Le dernier jour vient avant le premier : échangez-les.", about="au")
        if last - first > _LONGEST:
            raise Declined("Une absence dure trois ans au plus.", about="au")
        if ends <= now:
            raise Declined("Ces jours sont déjà passés.", about="au")
        reason = " ".join(given.get("raison", "").split())
        if len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise Declined(f"Une raison tient en {_LONGEST_REASON} signes.", about="raison")
        async with self._store.write() as conn:
            key = key_of(given.get("nom", ""))
            name = await conn.scalar(select(team.c.name).where(team.c.key == key))
            if name is None:
                raise Declined(
                    f"{quoted(given.get('nom', ''))} n’est pas dans l’équipe qui travaille : ajoutez la "
                    "personne, puis publiez.",
                    about="nom",
                )
            for one in await absences.of(conn, name):
                if one.begins_at < ends and begins < one.ends_at:
                    raise Declined(f"{name} est déjà en absence {days_of(one)}.", about="du")
            days, span = (first.isoformat(), last.isoformat()), (begins, ends)
            await absences.add(conn, name, days, span, reason)
            await turns.arrange(conn, now)
            await write_down(conn)
        until = french.day(last)
        return f"{name} est en absence du {french.day(first)} au {until} : son tour passe, puis revient."

    async def _cancel(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Take back the one of that `numero`."""
        number = given.get("numero", "")
        async with self._store.write() as conn:
            known = number.isascii() and number.isdecimal() and len(number) < 19
            one = await absences.by_id(conn, int(number)) if known else None
            if one is None:
                raise Declined("Cette absence n’est pas notée, ou ne l’est plus.", about="numero")
            await absences.remove(conn, one.id)
            await turns.arrange(conn, now_micros(self._clock))
            await write_down(conn)
        return f"{one.name} n’est plus en absence {days_of(one)}."


def days_of(one: Absence) -> str:
    """« du 20 déc. 2026 au 5 janv. 2027 »."""
    first, last = date.fromisoformat(one.first_day), date.fromisoformat(one.last_day)
    return (
        f"du {french.day(first)} au {french.day(last)}"
        if first < last
        else f"le {french.day(first)}"
    )


def _day(text: str, about: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2200:
        read = (
            f"{quoted(text.strip())} n’est pas un jour." if text.strip() else "Il manque un jour."
        )
        raise Declined(f"{read} Un jour s’écrit 2026-12-20.", about=about)
    return found
