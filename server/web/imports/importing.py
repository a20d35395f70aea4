"""« Importer »: a file in three steps, each with its address: its columns, what it would do, how far it is.

Nothing hangs on the page: a file received is kept by the server, and what is brought in is in the
ledger of imports, which a restart goes on from.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from relance.errors import RelanceError
from server.access.register import AccessRegister
from server.imports import deposit, ledger, rejected, spool
from server.imports.deposit import Deposit
from server.imports.ledger import ImportProgress
from server.imports.order import ImportOrder, mark_of
from server.imports.people import Reject
from server.language.draft import DraftLanguage
from server.store.instants import SECOND, now_micros
from server.store.schema.leads import lists
from server.store.schema.rules import dynamic_lists
from server.store.schema.server import imports
from server.web.frame import Flash, done
from server.web.imports.joining import JoinedNames, tags_of
from server.web.imports.mapping import by_form, choices, look, order_of
from server.web.imports.trials import ImportTrials
from server.web.live import Live
from server.web.office import Office, actor_of
from server.web.page import Access, Page
from server.web.posted import posted

PATH = "/importer"
#: What a file may weigh here; the command has no limit.
MOST = 100 * 1024 * 1024
_LATEST, _SHOWN, _PART, _WATCH = 10, 50, 2_000, -3


@dataclass
class ImportPages:
    """Receives files, and follows them."""

    office: Office
    live: Live
    register: AccessRegister
    trials: ImportTrials
    draft: DraftLanguage

    def pages(self) -> Iterator[Page]:
        """All of it is personal."""
        personal, stream = Access.PERSONAL, self.live.watching(_WATCH, self._stamp)
        both = ("GET", "POST")
        yield Page("/vif/importations", personal, stream, in_time=False)
        yield Page(PATH, personal, self.begin, both, in_time=False, most=MOST)
        yield Page(PATH + "/suivi/{mark}", personal, self.follow)
        yield Page(PATH + "/suivi/{mark}/rejets", personal, self.rejects, in_time=False)
        yield Page(PATH + "/{depot}/colonnes", personal, self.columns, both)
        yield Page(PATH + "/{depot}/essai", personal, self.trial)
        yield Page(PATH + "/{depot}/lancer", personal, self.launch, ("POST",))

    async def _stamp(self, conn: AsyncConnection) -> object:
        """What is other once an import went on."""
        query = select(imports.c.id, imports.c.row, imports.c.state)
        rows = await conn.execute(query.order_by(imports.c.id.desc()).limit(_LATEST))
        return rows.all(), self.trials.stamp

    # --- The file ---------------------------------------------------------------------------

    async def begin(self, request: Request) -> Response:
        """The form that takes a file; the imports before it."""
        wrong = ""
        if request.method == "POST":
            async with request.form() as form:
                file = form.get("fichier")
                if isinstance(file, UploadFile) and file.filename:
                    kept = await asyncio.to_thread(
                        deposit.receive, self._folder, file.filename, file.file
                    )
                    try:
                        await asyncio.to_thread(
                            look, kept.path, self.office.store.fields, ImportOrder()
                        )
                        return RedirectResponse(f"{PATH}/{kept.token}/colonnes", 303)
                    except RelanceError as fault:
                        kept.throw_away()
                        wrong = str(fault)
                else:
                    wrong = "Choisissez un fichier."
        async with self.office.store.read() as conn:
            latest = await ledger.latest(conn, _LATEST)
        return self._page(
            request, "import.html", "Importer", wrong, 422 if wrong else 200, latest=latest
        )

    async def columns(self, request: Request) -> Response:
        """Which field each column fills, and what is done of each lead."""
        kept, fields = self._deposit(request), self.office.store.fields
        found = await asyncio.to_thread(look, kept.path, fields, kept.order)
        wrong, order = found.wrong, kept.order
        if request.method == "POST":
            form = await posted(request)
            try:
                order = order_of(form, found.columns, fields)
                await asyncio.to_thread(kept.say, order)
                await self.trials.people(kept, order)
                return RedirectResponse(f"{PATH}/{kept.token}/essai", 303)
            except RelanceError as fault:
                wrong = by_form(str(fault))
                found = await asyncio.to_thread(look, kept.path, fields, order)
        base, _, how = (order.consent or "").partition(" : ")
        return self._page(
            *(request, "import_columns.html", "Colonnes", wrong),
            422 if wrong and request.method == "POST" else 200,
            kept=kept,
            seen=found,
            order=order,
            fields=choices(fields),
            base=base,
            how=how,
            lists=JoinedNames.of(await self._static_lists(), order.lists),
            tags=JoinedNames.of(await tags_of(self.draft), order.tags),
        )

    async def _static_lists(self) -> Sequence[str]:
        """Those that a file may fill: a dynamic list finds its members by itself."""
        async with self.office.store.read() as conn:
            static = lists.c.key.not_in(select(dynamic_lists.c.key))
            return (
                await conn.scalars(select(lists.c.name).where(static).order_by(lists.c.key))
            ).all()

    # --- What it would do -------------------------------------------------------------------

    async def trial(self, request: Request) -> Response:
        """What would become of its rows: read to its end beside the base, nothing written."""
        kept = self._deposit(request)
        mark = await asyncio.to_thread(mark_of, kept.path, kept.order)
        running = self.trials.begun(kept, mark)
        async with self.office.store.read() as conn:
            known = await ledger.find(conn, mark)
        trial = running.found
        return self._page(
            *(request, "import_trial.html", "Essai", running.wrong),
            kept=kept,
            order=kept.order,
            running=running,
            tally=trial.tally if trial else None,
            repeated=trial.repeated if trial else 0,
            rejects=_shown(trial.rejects) if trial else [],
            known=known is not None and known.state == ledger.DONE,
        )

    async def launch(self, request: Request) -> Response:
        """Hand it to the server, which brings it in."""
        kept, form = self._deposit(request), await posted(request)
        name = kept.path.name
        mark = await asyncio.to_thread(lambda: kept.hand_over(anew=form.text("anew") == "oui"))
        self.trials.forget(mark)
        async with self.register.store.write() as conn:
            await self.register.audit.note(conn, actor_of(request), "import.lance", name)
        said = "L’importation est lancée. Vous pouvez fermer cette page : elle continue."
        return done(f"{PATH}/suivi/{mark}", Flash(said))

    # --- How far it is ----------------------------------------------------------------------

    async def follow(self, request: Request) -> Response:
        """Where it stands."""
        found = await self._found(request)
        waiting = found is None and self._waits(request)
        if found is None and not waiting:
            raise HTTPException(404)
        return self._page(
            *(request, "import_progress.html", found.name if found else "Importation", ""),
            found=found,
            left=self._left(found) if found else "",
            mark=request.path_params["mark"],
        )

    async def rejects(self, request: Request) -> Response:
        """The rows it refused, as a file to be corrected and brought in."""
        found = await self._found(request)
        if found is None or not found.tally.rejected:
            raise HTTPException(404)
        rows: list[Reject] = []
        async with self.office.store.read() as conn:
            while part := await ledger.rejects(
                conn, found.id, rows[-1].line if rows else -1, _PART
            ):
                rows += part
        folder = TemporaryDirectory(prefix="relance-rejets-")
        path = Path(folder.name) / f"{Path(found.name).stem}-rejets.csv"
        await asyncio.to_thread(rejected.write, path, found.heading, rows)
        async with self.register.store.write() as conn:
            await self.register.audit.note(conn, actor_of(request), "import.rejets", found.name)
        clean = BackgroundTask(folder.cleanup)
        return FileResponse(path, filename=path.name, media_type="text/csv", background=clean)

    # ----------------------------------------------------------------------------------------

    @property
    def _folder(self) -> Path:
        return self.office.settings.folder

    def _deposit(self, request: Request) -> Deposit:
        found = deposit.find(self._folder, request.path_params["depot"])
        if found is None:
            raise HTTPException(404)
        return found

    async def _found(self, request: Request) -> ImportProgress | None:
        mark = request.path_params["mark"]
        if len(mark) != 64 or not mark.isalnum() or not mark.isascii():
            raise HTTPException(404)
        async with self.office.store.read() as conn:
            return await ledger.find(conn, mark)

    def _waits(self, request: Request) -> bool:
        """Whether the server has yet to take it up."""
        return any(one.mark == request.path_params["mark"] for one in spool.left(self._folder))

    def _left(self, one: ImportProgress) -> str:
        """How long it may still last, in words; nothing before that can be told."""
        if one.state != ledger.RUNNING or one.share < 0.02:
            return ""
        passed = (now_micros(self.office.clock) - one.started_at) / SECOND
        seconds = passed * (1 - one.share) / one.share
        if seconds < 60:
            return "moins d’une minute"
        return f"environ {round(seconds / 60)} min"

    def _page(
        self,
        request: Request,
        template: str,
        title: str,
        wrong: str = "",
        status: int = 200,
        **values: Any,
    ) -> Response:
        trail: Mapping[bool, tuple[tuple[str, str], ...]] = {True: (("Importer", PATH),), False: ()}
        return self.office.frame.page(
            request,
            template,
            here="importer",
            title=title,
            trail=trail[title != "Importer"],
            status=status,
            wrong=wrong,
            most=MOST // (1024 * 1024),
            zone=self.office.settings.zone,
            **values,
        )


def _shown(rejects: list[Reject]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in rejects[:_SHOWN]]
