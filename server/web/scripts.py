"""The scripts of the draft: a page for each, where it is written; saving never publishes by itself."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dsl.service.edits import all_applied
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal
from server.daemon_thread import in_daemon_thread
from server.language.draft import DraftLanguage
from server.publication.drafting import Clashing, DraftText, DraftTexts, Saved
from server.web.draft_saving import by_editor, saved, saved_as_json, saved_flash, text_asked
from server.web.frame import done, viewer_of
from server.web.language import MalformedQuestion, read_question, running
from server.web.limits import WHOLE
from server.web.office import Office
from server.web.page import Access, Page

PATH = "/scripts"
_MOVED = "Un des fichiers où ce nom est écrit vient de changer : rien n’est renommé. Recommencez."


class ScriptPages:
    """The scripts of a folder."""

    def __init__(self, office: Office, scripts: DraftTexts, draft: DraftLanguage) -> None:
        self._office, self._scripts, self._draft = office, scripts, draft

    def pages(self) -> Iterator[Page]:
        """The list, and each of them."""
        yield Page(PATH, Access.READ, self._list)
        yield Page(PATH + "/{file:path}", Access.READ, self._show)
        form_at = PATH + "/{file}"
        save = ("/enregistrer/{file:path}", self._office.writing, self._save, ("POST",))
        yield Page(*save, form_at=form_at, most=WHOLE)
        yield Page("/renommer", self._office.writing, self._rename, ("POST",), most=WHOLE)

    async def _list(self, request: Request) -> Response:
        names = await in_daemon_thread(self._scripts.names)
        return self._office.frame.page(
            request, "scripts.html", here="scripts", title="Scripts", names=names
        )

    async def _show(self, request: Request) -> Response:
        return self._page(request, await text_asked(request, self._scripts))

    def _page(
        self,
        request: Request,
        script: DraftText,
        clash: Clashing | None = None,
        status: int = 200,
    ) -> Response:
        may_change = self._office.writing in viewer_of(request).may
        return self._office.frame.page(
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
            at_once=self._office.at_once,
            clash=clash,
        )

    async def _save(self, request: Request) -> Response:
        typed, found = await saved(request, self._scripts)
        if by_editor(request):
            return saved_as_json(found)
        if isinstance(found, Saved):
            return done(f"{PATH}/{typed.file}", saved_flash(found))
        return self._page(request, typed, found, 409)

    async def _rename(self, request: Request) -> Response:
        """Change a name in the other files in which it stands; its own script is its editor's to save."""
        try:
            asked = read_question(await request.body(), await running(self._office.store))
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
