"""What the audit log keeps of an order: who gave it, about what, how it ended; nothing of a person.

What an argument holds is written as it is when it names what is the team's: a campaign, a channel,
a number. All else is masked, so that an argument to come is not let out by being forgotten here.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.values import Duration
from server.access.actions import OUTCOME
from server.access.actor import Actor
from server.access.register import AccessRegister
from server.engine.engine import Change, Engine
from server.engine.tick import Tick
from server.engine.transfer.fate import Fate
from server.orders.publishing import PublishOrder
from server.orders.team import TEAM
from server.orders.verbs import HEALTH
from server.reports import french
from server.reports.campaigns import PLANS
from server.settings import Settings
from server.store.instants import from_micros
from server.store.written_with import WriteDown

#: An order done by the parts of a running server: its arguments, what writes its row in
#: the transaction that does it, and what is answered.
OwnVerb: TypeAlias = Callable[[Mapping[str, str], WriteDown], Awaitable[str]]

#: What tells the object of an order, the first that there is.
_OBJECT = (
    "reglage",
    "campagnes",
    "campagne",
    "liste",
    "etiquette",
    "nom",
    "canal",
    "numero",
    "lead",
    "adresse",
)
#: What names nothing of a person's.
_PLAIN = frozenset(
    [
        *("campagne", "liste", "nom", "canal", "numero", "comment", "duree", "depuis", "fuseau"),
        *("message", "malgre", "autoriser", "etiquette", "leads", "reglage", "valeur"),
        *("rapport", "jours", "avant", "chaque", "heure", "joint", "destinataires"),
        *("campagnes", "classeur", "poser", "oter", "du", "au", "scenarios"),
    ]
)
_UTC = ZoneInfo("UTC")
#: Of several campaigns, how many are named.
_FEW = 20
#: The arguments that hold codes, each in words: the log is read by people.
_WORDS: Mapping[str, Callable[[str], str]] = {
    "leads": lambda numbers: str(len(numbers.split())),  # who they are is personal
    "destinataires": lambda numbers: str(len(numbers.split())),
    "campagnes": lambda names: _several(json.loads(names)),
    "poser": lambda names: _several(json.loads(names)),
    "oter": lambda names: _several(json.loads(names)),
    "classeur": lambda name: name.strip() or "aucun",
    "comment": lambda code: PLANS.get(code, code),
    "duree": lambda micros: _span(int(micros) // 1_000_000),
    "autoriser": lambda count: f"{french.number(int(count))} entrées à la fois",
    "depuis": lambda micros: f"{french.instant(from_micros(int(micros)), _UTC)} UTC",
}
#: Those whose name is told with its accents.
_NAMES = {
    "duree": "durée",
    "etiquette": "étiquette",
    "leads": "personnes",
    "malgre": "malgré un refus",
    "scenarios": "malgré des scénarios",
    "poser": "étiquettes posées",
    "oter": "étiquettes ôtées",
}
#: What becomes of those inside.
_FATES: Mapping[str, str] = {
    Fate.KEEP: "finissent leur version",
    Fate.MIGRATE: "passent à la nouvelle version",
    Fate.LEAVE: "sortent de la campagne",
}
#: Who gives it, which the log says beside; what the object of it holds already.
_UNSAID = frozenset(
    {"qui", "personne", "section", "cle", "vu", "compte", "jour_semaine", "jour_mois"}
)
#: Those that are said empty too: a campaign is then taken out of where it was.
_EMPTIED = frozenset({"classeur"})
_REFUSED = "refusé"
#: What only asks, and what writes of itself.
_APART = frozenset({HEALTH, TEAM})


class OrderRecord:
    """The row of one order: whoever does it writes it in that very transaction.

    So a server that is killed has done the order and kept who gave it, or neither.
    """

    def __init__(
        self, register: AccessRegister, actor: Actor, verb: str, given: Mapping[str, str]
    ) -> None:
        self._register, self._actor = register, actor
        self._verb, self._given = verb, given
        self._written = False

    async def write(self, conn: AsyncConnection) -> None:
        """Write it, as done, in the transaction that does it."""
        self._written = True
        await self._note(conn, {})

    async def refused(self, conn: AsyncConnection | None = None) -> None:
        """Write that it was declined: nothing was done. `conn`: in the transaction that ends it."""
        if conn is None:
            await self._apart(_REFUSED)
        else:
            await self._note(conn, {OUTCOME: _REFUSED})

    async def over(self) -> None:
        """It is answered: where nothing was to be done, write that it was asked."""
        if not self._written:
            await self._apart("sans effet")

    async def _apart(self, outcome: str) -> None:
        if self._verb not in _APART:
            async with self._register.store.write() as conn:
                await self._note(conn, {OUTCOME: outcome})

    async def _note(self, conn: AsyncConnection, outcome: Mapping[str, object]) -> None:
        register, verb, given = self._register, self._verb, self._given
        about, after = _publication(given) if "publication" in given else _order(register, given)
        await register.audit.note(
            conn, self._actor, f"ordre.{verb}", about, after={**after, **outcome}
        )


class RecordedEngine:
    """The engine, as an order of a campaign’s life asks it: what changes and its row are one."""

    def __init__(self, engine: Engine, write_down: WriteDown, settings: Settings) -> None:
        self.store, self.now, self.settings = engine.store, engine.now, settings
        self._engine, self._write_down = engine, write_down

    async def change(self, change: Change[str]) -> str:
        """Do it to campaigns, in one transaction."""

        async def recorded(tick: Tick) -> str:
            said = await change(tick)
            await self._write_down(tick.conn)
            return said

        return await self._engine.change(recorded)


def _order(register: AccessRegister, given: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    said = {
        name: _in_words(name, value) if _plain(name, value) else register.audit.masked(value)
        for name, value in given.items()
        if (value or name in _EMPTIED) and name not in _UNSAID and (name, value) != ("duree", "0")
    }
    about = next((said.pop(name) for name in _OBJECT if name in said), "")
    return about, {_NAMES.get(name, name): value for name, value in said.items()}


def _in_words(name: str, value: str) -> str:
    """An argument as people say it; as it came, when it is none that an order takes."""
    try:
        return _WORDS[name](value) if name in _WORDS else value
    except ValueError:
        return value


def _several(names: Sequence[str]) -> str:
    """The first of them, and how many others there are."""
    shown = ", ".join(names[:_FEW])
    return f"{shown} et {len(names) - _FEW} autres" if len(names) > _FEW else shown


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return french.duration(Duration(days=days, seconds=rest))


def _plain(name: str, value: str) -> bool:
    return name in _PLAIN or (name in ("lead", "avec") and value.isdecimal())


def _publication(given: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    order = PublishOrder.of(given)
    said: dict[str, object] = {}
    if order.note:
        said["note"] = order.note
    if order.alone:
        said["sans l’accord d’une autre personne"] = "oui"
    if order.despite:
        said["même si des scénarios échouent"] = "oui"
    if order.again is not None:
        said["de nouveau la publication n°"] = order.again
    if order.activate is None:
        said["activées"] = "toutes les nouvelles"
    elif order.activate:
        said["activées"] = ", ".join(order.activate)
    if order.fates:
        said["qui est dedans"] = [
            f"{whose}\u00a0: {_FATES.get(fate, fate)}" for whose, fate in order.fates
        ]
    return "le projet", said
