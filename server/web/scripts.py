"""The scripts of the draft: a page for each, where it is written; saving never publishes by itself.

A save says which text it started from. By a form, the page comes again with what became of it; by the
editor, which saves at each pause, the same is answered as JSON.
"""

from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dsl.service.edits import all_applied
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal
from server.daemon_thread import in_daemon_thread
from server.language.draft import DraftLanguage
from server.publication.drafting import Clashing, DraftText, DraftTexts, Saved
from server.store.store import Store
from server.web.frame import Flash, Frame, done, viewer_of
from server.web.language import MalformedQuestion, read_question, running
from server.web.limits import WHOLE
from server.web.page import Access, Page

PATH = "/scripts"
JOINED = "Enregistré, avec ce que quelqu’un d’autre y a changé entre-temps."
_MOVED = "Un des fichiers où ce nom est écrit vient de changer : rien n’est renommé. Recommencez."
_CLASH = (
    "Rien n’est enregistré : quelqu’un d’autre a changé les mêmes lignes. Votre texte est encore ici ; "
    "ce qu’il a écrit est dessous."
)


class ScriptPages:
    """The scripts of a folder. `at_once`: what is saved there is published as it is."""

    def __init__(
        self,
        scripts: DraftTexts,
        draft: DraftLanguage,
        store: Store,
        frame: Frame,
        *,
        at_once: bool,
    ) -> None:
        self._scripts, self._draft, self._store = scripts, draft, store
        self._frame, self._at_once = frame, at_once
        # Where what is saved is published, saving is for who publishes.
        self._write = Access.PUBLISH if at_once else Access.WRITE

    def pages(self) -> Iterator[Page]:
        """The list, and each of them."""
        yield Page(PATH, Access.READ, self._list)
        yield Page(PATH + "/{file:path}", Access.READ, self._show)
        form_at = PATH + "/{file}"
        save = ("/enregistrer/{file:path}", self._write, self._save, ("POST",))
        yield Page(*save, form_at=form_at, most=WHOLE)
        yield Page("/renommer", self._write, self._rename, ("POST",), most=WHOLE)

    async def _list(self, request: Request) -> Response:
        names = await in_daemon_thread(self._scripts.names)
        return self._frame.page(
            request, "scripts.html", here="scripts", title="Scripts", names=names
        )

    async def _show(self, request: Request) -> Response:
        return self._page(request, await self._found(request))

    async def _found(self, request: Request) -> DraftText:
        try:
            return await in_daemon_thread(self._scripts.read, request.path_params["file"])
        except (LookupError, UnicodeDecodeError) as error:
            raise HTTPException(404) from error

    def _page(
        self,
        request: Request,
        script: DraftText,
        clash: Clashing | None = None,
        status: int = 200,
    ) -> Response:
        may_change = self._write in viewer_of(request).may
        return self._frame.page(
            request,
            "script.html",
            here="scripts",
            title=script.file,
            trail=(("Scripts", PATH),),
            edits=True,
            status=status,
            label=f"Script {script.file}",
            script={"file": script.file, "text": script.text, "may_change": may_change},
            version=script.version,
            at_once=self._at_once,
            clash=clash,
        )

    async def _save(self, request: Request) -> Response:
        before = await self._found(request)
        async with request.form() as form:
            text, version = form.get("text"), form.get("version")
        if not (isinstance(text, str) and isinstance(version, str)):
            raise HTTPException(400)
        found = await in_daemon_thread(self._scripts.save, before.file, text, version)
        if "application/json" in request.headers.get("accept", ""):
            return saved_as_json(found)
        if isinstance(found, Saved):
            flash = Flash(JOINED if found.joined else "Enregistré dans le brouillon.")
            return done(f"{PATH}/{before.file}", flash)
        # Theirs is what the next save starts from: its author has seen it, below.
        typed = DraftText(before.file, text, found.theirs.version)
        return self._page(request, typed, found, 409)

    async def _rename(self, request: Request) -> Response:
        """Change a name in the other files in which it stands; its own script is its editor's to save."""
        try:
            asked = read_question(await request.body(), await running(self._store))
        except MalformedQuestion as fault:
            return JSONResponse({"refusal": fault.why}, 422)

        def changed(service: LanguageService) -> Refusal | dict[str, tuple[str, str]]:
            typed = service.edited(asked.file, asked.text)
            found = typed.rename(asked.file, asked.point, asked.name, asked.running)
            if isinstance(found, Refusal):
                return found
            held = {**typed.beside, **typed.sources}
            others = [one for one in found.edits if one.file != asked.file]
            return {name: (held[name], now) for name, now in all_applied(held, others).items()}

        found = await self._draft.ask(changed)
        if isinstance(found, Refusal):
            return JSONResponse({"refusal": found.reason}, 422)
        if not await in_daemon_thread(self._scripts.change, found):
            return JSONResponse({"refusal": _MOVED}, 409)
        return JSONResponse({"files": sorted(found)})


def saved_as_json(found: Saved | Clashing) -> Response:
    """What became of a save, for the editor that made it by itself."""
    if isinstance(found, Saved):
        text = found.text
        said = {"version": text.version, "joined": found.joined}
        return JSONResponse({**said, "text": text.text} if found.joined else said)
    clashes = [{"line": one.line, "ours": one.ours, "theirs": one.theirs} for one in found.clashes]
    theirs = {"version": found.theirs.version, "text": found.theirs.text}
    return JSONResponse({"message": _CLASH, "theirs": theirs, "clashes": clashes}, 409)
