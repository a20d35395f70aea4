"""The scripts of the draft: a page for each, where it is written; saving never publishes by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dsl.language.fr.constructs import form
from dsl.service.edits import all_applied
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal
from dsl.service.symbols import Symbol
from relance.errors import RelanceError, StoreUnavailable
from relance.fold import key_of
from server.daemon_thread import in_daemon_thread
from server.publication.drafting import Clashing, DraftText, DraftTexts, Saved
from server.reports import french
from server.reports.states import CampaignState, state_of, states_query
from server.store.schema.campaigns import campaigns
from server.web.campaign.draft_tree import OnScreen, on_screen
from server.web.campaign.journey_tree import JourneyTree
from server.web.draft_saving import (
    SCRIPTS,
    by_editor,
    saved,
    saved_as_json,
    saved_flash,
    text_asked,
)
from server.web.frame import done, viewer_of
from server.web.language import MalformedQuestion, read_question, running
from server.web.limits import WHOLE
from server.web.office import Office
from server.web.page import Access, Page
from server.web.prose import prose

PATH = SCRIPTS
_MOVED = "Un des fichiers où ce nom est écrit vient de changer : rien n’est renommé. Recommencez."


_CAMPAIGN = form("CAMPAIGN")
#: Of what a script declares, so many names make its title.
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign of a script; without number or state when it was never published."""

    name: str
    id: int | None
    state: CampaignState | None


@dataclass(frozen=True, slots=True)
class ListedScript:
    """A line of the list. `pending`: whether it differs from what runs."""

    file: str
    title: str
    campaigns: Sequence[ListedCampaign]
    written: str
    pending: bool


class ScriptPages:
    """The scripts of a folder."""

    def __init__(self, office: Office, scripts: DraftTexts, tree: JourneyTree) -> None:
        self._office, self._scripts, self._draft, self._tree = office, scripts, tree.draft, tree

    def pages(self) -> Iterator[Page]:
        """The list, and each of them."""
        yield Page(PATH, Access.READ, self._list)
        yield Page(PATH + "/{file:path}", Access.READ, self._show)
        form_at = PATH + "/{file}"
        save = ("/enregistrer/{file:path}", self._office.writing, self._save, ("POST",))
        yield Page(*save, form_at=form_at, most=WHOLE)
        redrawn = ("/dessiner/{file:path}", self._office.writing, self._redrawn, ("POST",))
        yield Page(*redrawn, form_at=form_at, most=WHOLE)
        yield Page("/renommer", self._office.writing, self._rename, ("POST",), most=WHOLE)

    async def _list(self, request: Request) -> Response:
        dates = await in_daemon_thread(self._scripts.dates)
        declared, states = await self._declared(), await self._states()
        pending = tuple(self._office.publishing.rules.pending)
        zone = self._office.settings.zone
        found = [
            ListedScript(
                file,
                _title(declared.get(file, ()), file),
                [
                    ListedCampaign(one.name, *states.get(key_of(one.name), (None, None)))
                    for one in declared.get(file, ())
                    if one.what == _CAMPAIGN
                ],
                french.instant(datetime.fromtimestamp(at, UTC), zone),
                any(one.partition(" (")[0] == file for one in pending),
            )
            for file, at in dates.items()
        ]
        return self._office.frame.page(
            request, "scripts.html", here="scripts", title="Scripts", found=found
        )

    async def title_of(self, file: str) -> str:
        """What people call that script: the names of its campaigns, or its own."""
        return _title((await self._declared(file)).get(file, ()), file)

    async def _declared(self, *files: str) -> Mapping[str, Sequence[Symbol]]:
        """What those scripts declare, each of them without any; nothing while the draft cannot be read."""

        def outlines(service: LanguageService) -> Mapping[str, Sequence[Symbol]]:
            asked = files or service.sources
            return {file: service.symbols(file) for file in asked if file in service.sources}

        try:
            return await self._draft.ask(outlines)
        except (OSError, RelanceError):
            return {}

    async def _states(self) -> Mapping[str, tuple[int, CampaignState]]:
        """The number and the state of each campaign published, by its key; none while the base is away."""
        try:
            async with self._office.store.read() as conn:
                rows = await conn.execute(states_query().add_columns(campaigns.c.key))
                return {row.key: (row.id, state_of(row)) for row in rows}
        except StoreUnavailable:
            return {}

    async def _show(self, request: Request) -> Response:
        return await self._page(request, await text_asked(request, self._scripts))

    async def _page(
        self,
        request: Request,
        script: DraftText,
        clash: Clashing | None = None,
        status: int = 200,
    ) -> Response:
        """A script in the editor, to who may change it; as one reads it, to others."""
        may_change = self._office.writing in viewer_of(request).may
        declared = (await self._declared(script.file)).get(script.file, ())
        states = await self._states()
        numbers = {key: number for key, (number, _) in states.items()}
        names = [one.name for one in declared if one.what == _CAMPAIGN]
        paths = [(one, numbers.get(key_of(one))) for one in names]
        # One that was never published has no page of its own: its tree is here.
        alone = len(paths) == 1 and paths[0][1] is None and may_change
        screen = OnScreen(script.file, script.text)
        return self._office.frame.page(
            request,
            "script.html",
            here="scripts",
            title=_title(declared, script.file),
            trail=(("Scripts", PATH),),
            edits=may_change,
            status=status,
            label=f"Script {script.file}",
            file=script.file,
            campaigns=[(name, f"/campagnes/{at}" if at else "") for name, at in paths],
            script={"file": script.file, "text": script.text},
            lines=() if may_change else prose(script.text) or prose(" "),
            text_version=script.version,
            begins=0,
            siblings=(),
            periods={},
            at_once=self._office.at_once,
            clash=clash,
            alone=alone,
            **(await self._tree.unpublished(screen) if alone else {}),
        )

    async def _redrawn(self, request: Request) -> Response:
        """The tree of a campaign that was never published, as it is on the screen of who asks."""
        await text_asked(request, self._scripts)
        values = await self._tree.unpublished(await on_screen(request))
        return self._office.frame.part(request, "_live_tree.html", **values)

    async def _save(self, request: Request) -> Response:
        typed, found = await saved(request, self._scripts)
        if by_editor(request):
            return saved_as_json(found)
        if isinstance(found, Saved):
            return done(f"{PATH}/{typed.file}", saved_flash(found))
        return await self._page(request, typed, found, 409)

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


def _title(declared: Sequence[Symbol], file: str) -> str:
    """What people call it: the names of its campaigns, or else of what it declares; its own without any."""
    names = [one.name for one in declared if one.what == _CAMPAIGN]
    names = names or [one.name for one in declared if one.name != one.what]
    if not names:
        return file
    shown, more = names[:_MOST_NAMES], len(names) - _MOST_NAMES
    if more > 0:
        return f"{', '.join(shown)} et {more} de plus"
    return " et ".join(one for one in (", ".join(shown[:-1]), shown[-1]) if one)
