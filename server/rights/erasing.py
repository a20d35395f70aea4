"""The whole of forgetting: the base, then every file of the server; taken up again after a kill."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeAlias

from sqlalchemy import delete, select, update

from relance.host import Clock
from server.crash import crash_point
from server.dispatch.book import Book
from server.engine.engine import Engine
from server.engine.tick import Tick
from server.recovery.restore import TO_FORGET
from server.reports import french
from server.rights import erasure
from server.rights.erasure import Erased
from server.rights.mentions import erase_mentions
from server.rights.person import KnownPerson, person_of
from server.store import contacts, shards
from server.store import forgotten as proofs
from server.store.instants import now_micros
from server.store.schema.rights import erasures
from server.store.schema.server import server_settings
from server.store.store import Store
from server.store.written_with import WriteDown

#: The verb of its order.
ERASE = "oublier"

log = logging.getLogger("relance.server")

#: How long what is on its way to her is waited for, and how often it is looked at, in seconds.
_PATIENCE, _EVERY = 90.0, 0.05
_LEFT = (
    "Des traces restent dans les pages libres de la base\u00a0: arrêtez le serveur, puis lancez "
    "«\u00a0sqlite3 (la base) VACUUM\u00a0»."
)


#: Forgets lines set apart for later (`server.visit_buffer`).
DropLines: TypeAlias = Callable[[Callable[[str], bool]], Awaitable[None]]


class Erasing:
    """Forgets people in the base of a project and in the files beside it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        engine: Engine,
        book: Book,
        drop_lines: DropLines,
        forget_texts: Callable[[Collection[int]], None] = lambda _: None,
    ) -> None:
        self._store, self._clock, self._engine = store, clock, engine
        self._book, self._drop_lines = book, drop_lines
        self._forget_texts = forget_texts

    async def perform(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Forget a lead. `lead`: its number; `qui`: who of the team asks."""
        lead = int(given["lead"])
        erased, whole = await self._erase(lead, given.get("qui"), write_down)
        if erased is None:
            return f"Aucun lead ne porte le numéro {lead}."
        said = [
            f"Le lead n° {lead} est oublié : {_counted(erased)}. Ce qui le compte reste (achats, envois, "
            "passages), sans rien qui dise qui c’était.",
            "Ce qui était déjà parti vers d’autres programmes (CRM, appels) s’efface chez eux ; vos "
            "sauvegardes et vos fichiers d’avant tiennent encore ce qu’ils tenaient.",
        ]
        return " ".join(said if whole else [*said, _LEFT])

    async def finish(self) -> None:
        """Forget again whoever a kill, or a base that was restored, brought back half."""
        query = select(erasures.c.lead_id).where(erasures.c.finished_at.is_(None))
        restored = select(server_settings.c.value).where(server_settings.c.name == TO_FORGET)
        async with self._store.read() as conn:
            left = list((await conn.execute(query)).scalars())
            again = json.loads(await conn.scalar(restored) or "{}")
        for lead in (*left, *again.get("leads", ())):
            await self._erase(lead, None)
            log.info("le lead n° %d, qui a demandé à être oublié, l’est entièrement", lead)
        if again:
            hashes = set(again["hashes"])
            async with self._store.write() as conn:
                await proofs.keep(conn, hashes, now_micros(self._clock))
                done = delete(server_settings).where(server_settings.c.name == TO_FORGET)
                await conn.execute(done)
            self._store.forgotten.take(hashes)

    async def _erase(
        self, lead: int, who: str | None, write_down: WriteDown | None = None
    ) -> tuple[Erased | None, bool]:
        store = self._store
        async with store.read() as conn:
            person = await person_of(conn, store.fields.table, lead)
            if person is None:
                return None, True
            known = await erasure.shared(conn, person)
        texts = list(await erase_mentions(store, person))

        async def work(tick: Tick) -> tuple[KnownPerson, Erased]:
            # Whoever became her meanwhile is forgotten with her.
            whole = await person_of(tick.conn, store.fields.table, lead) or person
            done = await erasure.erase(
                tick.conn,
                store.fields.table,
                whole,
                known,
                store.forgotten,
                who,
                now_micros(self._clock),
            )
            await shards.know_again(tick.conn)
            if write_down is not None:
                await write_down(tick.conn)
            return whole, done

        whole, erased = await self._engine.change(work)
        store.forgotten.take(erased.hashes)
        crash_point("rights.after_commit")
        texts += await erase_mentions(store, whole)
        self._forget_texts([*texts, *erased.texts])
        clean = await self._files(whole)
        contacts.forget()
        async with store.write() as conn:
            now = now_micros(self._clock)
            await conn.execute(
                update(erasures).where(erasures.c.lead_id == whole.leads[0]).values(finished_at=now)
            )
        return erased, clean

    async def _files(self, person: KnownPerson) -> bool:
        """Leave nothing of her in what stands beside the base, then in its own file."""
        await self._drop_lines(lambda line: _about(line, person))
        for _ in range(int(_PATIENCE / _EVERY)):
            if not self._book.under_way(person.leads):
                break
            await asyncio.sleep(_EVERY)
        await asyncio.to_thread(self._book.forget, person.leads)
        return await self._store.scour([one.encode() for one in person.spellings])


def _about(line: str, person: KnownPerson) -> bool:
    """Whether a line set apart is about her."""
    try:
        said: Any = json.loads(line)
    except ValueError:
        return True  # cut short: nobody will read it
    who = said.get("fact", {}).get("who", [None])[0]
    group = str(said.get("note", ["", ""])[1])
    mine = any(group.startswith(f"{lead}.") for lead in person.leads)
    return mine or who in person.leads or person.addressed_in(line)


def _counted(erased: Erased) -> str:
    total = sum(erased.counts.values())
    return french.count(total, "ligne effacée ou vidée", "lignes effacées ou vidées")
