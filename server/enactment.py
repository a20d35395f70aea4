"""A publication comes into force: kept in the store, run by the engine, read by senders, heard at the door.

All the parts of a server that go by what is published change here, in one order, and nowhere else.
"""

import asyncio
import logging
from dataclasses import asdict, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from relance.french import quoted
from server.engine.engine import Engine
from server.engine.life.journal import Author
from server.engine.publication.adoption import adopt
from server.engine.publication.changes import changes, staying
from server.engine.publication.inheritance import inheriting, known
from server.engine.publication.project import project_of
from server.engine.publication.renaming import unsaid
from server.engine.transfer.fate import plans
from server.host import ServerHost
from server.http.form_names import FormNames
from server.intake import forms_heard
from server.publication import archive
from server.publication.archive import Decision, Publication
from server.publication.reading import DraftReader, DraftReading
from server.store.instants import Micros
from server.store.store import Store

log = logging.getLogger("relance.rules")


class Enactment:
    """What brings publications into force on one server; `edition`: of the Relance it is."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        host: ServerHost,
        reader: DraftReader,
        form_names: FormNames,
        edition: str,
    ) -> None:
        self._store, self._engine, self._host = store, engine, host
        self._reader, self._form_names, self._edition = reader, form_names, edition

    async def take_up(self, last: Publication) -> None:
        """Go by what was published before; the engine loads it by itself."""
        self._host.files = last.files
        await adopt(self._store, self._reader.compiling(last.files))

    async def enact(self, reading: DraftReading, decision: Decision) -> None:
        """Make it a publication, and go by it."""
        await adopt(self._store, self._reader.compiling(reading.files))
        author = Author(decision.who or None, decision.note or None)
        project = replace(
            project_of(reading.checked, reading.people),
            activating=decision.activating,
            activated=decision.activated,
            author=author,
            transfers=plans(
                decision.fates,
                [one.program.name for one in reading.checked.programs],
                author,
            ),
        )
        async with self._store.read() as conn:
            if asked := await unsaid(conn, project.programs):
                raise ConfigurationError(" ".join(one.question for one in asked))
            changed = await changes(conn, inheriting(project, await known(conn)))
            stay = await staying(conn, project, changed.changed)
        await self._store.declare_fields(
            [(item.name, item.type, item.choices) for item in reading.checked.fields]
        )
        await self._host.declare_links(project.links)

        async def kept(conn: AsyncConnection, now: Micros) -> None:
            edition, problems = self._edition, reading.problems
            did = {**asdict(changed), **({archive.KEPT: stay} if stay else {})}
            await archive.keep(conn, reading.files, edition, problems, now, decision, did)

        await self._engine.publish(project, kept, decision.write_down)
        for name, count in stay.items():
            log.info(
                "%s : %d personne(s) gardent la version où elles sont entrées ; %s les fait passer à "
                "celle-ci",
                *(quoted(name), count, quoted(f'relance publier --migrer "{name}"')),
            )
        self._host.files = (
            reading.files
        )  # senders find the messages of what was committed, no other
        await self.know_forms()

    async def know_forms(self) -> None:
        """Name forms at the door as the rules that run do."""
        names = await asyncio.to_thread(self._engine.forms)
        self._form_names.learn(names)
        await forms_heard.note(self._store, names)
