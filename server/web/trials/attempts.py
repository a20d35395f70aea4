"""« Essayer avec… »: its form, what it gave, and « Ajouter au script »."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.fold import key_of
from server.daemon_thread import in_daemon_thread
from server.language.trial_appending import Unwritten, appended
from server.language.trial_offers import TrialOffers, offers
from server.publication.drafting import Saved
from server.web.frame import Flash, done
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import posted
from server.web.scenarios import ATTEMPTS as PATH
from server.web.scenarios import ScenarioPlayer
from server.web.script_scenarios import PATH as SCENARIOS
from server.web.scripts import PATH as SCRIPTS
from server.web.trials.asked import (
    LONGEST_NAME,
    UNITS,
    AskedTrial,
    TypedTrial,
    asked_trial,
    clean_name,
    length,
    typed_trial,
)
from server.web.trials.lived import lived
from server.web.trials.rehearsing import Rehearsed, TrialRehearsal, Unplayed
from server.web.workshop import Workshop

LIVED, ADDED = "/essais-lead/", "/essais-ajouter/"
_MOST = 40_000
_MOVED = "Quelqu’un vient de changer la fin de ce script : rien n’est ajouté. Recommencez."


@dataclass(frozen=True, slots=True)
class AttemptPages:
    """Asks three questions, or takes a real journey; plays; writes."""

    office: Office
    workshop: Workshop
    player: ScenarioPlayer
    #: What people call a script of the draft.
    titled: Callable[[str], Awaitable[str]]

    def pages(self) -> Iterator[Page]:
        """Where they are: a real journey is personal, and the script is for who may write it."""
        file, form_at = "{file:path}", PATH + "{file}"
        yield Page(PATH + file, Access.WRITE, self.page, ("GET", "POST"), in_time=False)
        lead = (LIVED + file, Access.PERSONAL, self.lived, ("POST",))
        yield Page(*lead, in_time=False, form_at=form_at)
        add = (ADDED + file, self.workshop.office.writing, self.add, ("POST",))
        yield Page(*add, form_at=form_at)

    @property
    def _rehearsal(self) -> TrialRehearsal:
        return TrialRehearsal(self.office.settings.folder, self.workshop.draft, self.player)

    async def page(self, request: Request) -> Response:
        """The questions; once they are answered, what they gave."""
        file, several = await self._offered(request)
        if request.method != "POST":
            wanted = _chosen(several, request.query_params.get("campagne", ""))
            return await self._shown(request, file, several, self._blank(wanted))
        form = await posted(request)
        typed = typed_trial(form)
        wanted = _chosen(several, typed.campaign)
        if wanted is None or form.text("choisir"):
            return await self._shown(request, file, several, typed)
        asked = asked_trial(typed, wanted)
        if not isinstance(asked, AskedTrial):
            return await self._shown(request, file, several, typed_trial(form, asked), status=422)
        return await self._rehearse(request, file, several, typed, asked)

    def _blank(self, wanted: TrialOffers | None) -> TypedTrial:
        """The questions as they begin, today."""
        today = self.office.clock.now().astimezone(self.office.settings.zone).date()
        return TypedTrial(wanted.campaign if wanted else "", day=today.isoformat())

    async def lived(self, request: Request) -> Response:
        """What somebody lived in the campaign, made nobody's."""
        file, several = await self._offered(request)
        form = await posted(request)
        given = typed_trial(form)
        wanted = _chosen(several, given.campaign)
        # Its form has some of the fields alone: the three questions stay as they begin.
        typed = replace(self._blank(wanted), look=given.look, name=given.name, who=given.who)
        look = length(*typed.look)
        if wanted is None or look is None:
            faults = {"qui": "Choisissez la campagne, et combien de temps regarder ensuite."}
            return await self._shown(
                request, file, several, replace(typed, faults=faults), status=422
            )
        found = await lived(self.office, self.workshop.draft, file, wanted.campaign, typed.who)
        if isinstance(found, str):
            faults = {"qui": found}
            return await self._shown(
                request, file, several, replace(typed, faults=faults), status=422
            )
        name = clean_name(typed.name) or "d’après un vrai parcours"
        asked = AskedTrial(wanted.campaign, name, found.lines, look, found.fields)
        return await self._rehearse(request, file, several, typed, asked, found.left)

    async def add(self, request: Request) -> Response:
        """Write it at the end of the script, as the draft has it now."""
        file, several = await self._offered(request)
        form = await posted(request)
        text = form.data.get("texte", "")
        text = text[:_MOST] if isinstance(text, str) else ""
        script = await in_daemon_thread(self.workshop.scripts.read, file)
        made = await self.workshop.draft.ask(lambda draft: appended(draft, file, script.text, text))
        if isinstance(made, Unwritten):
            typed = typed_trial(form)
            return await self._shown(request, file, several, typed, refused=made.why, status=422)
        save = self.workshop.scripts.save
        saved = await in_daemon_thread(save, file, made.text, script.version)
        if not isinstance(saved, Saved):
            return done(PATH + quote(file), Flash(_MOVED, refused=True))
        words = f"Le scénario «\u00a0{made.name}\u00a0» est écrit à la fin du script."
        return done(SCENARIOS + quote(file), Flash(words))

    async def _rehearse(
        self,
        request: Request,
        file: str,
        several: Sequence[TrialOffers],
        typed: TypedTrial,
        asked: AskedTrial,
        left: int = 0,
    ) -> Response:
        found = await self._rehearsal.of(file, asked)
        if isinstance(found, Unplayed):
            return await self._shown(request, file, several, typed, refused=found.why, status=422)
        return await self._shown(request, file, several, typed, found, left=left)

    async def _offered(self, request: Request) -> tuple[str, Sequence[TrialOffers]]:
        file = request.path_params["file"]
        try:
            return file, await self.workshop.draft.ask(lambda draft: offers(draft, file))
        except KeyError as error:
            raise HTTPException(404) from error

    async def _shown(
        self,
        request: Request,
        file: str,
        several: Sequence[TrialOffers],
        typed: TypedTrial,
        found: Rehearsed | None = None,
        *,
        refused: str = "",
        status: int = 200,
        left: int = 0,
    ) -> Response:
        titled = await self.titled(file)
        values: Mapping[str, Any] = {
            "file": file,
            "titled": titled,
            "several": several,
            "offers": _chosen(several, typed.campaign),
            "typed": typed,
            "units": tuple(UNITS),
            "longest": LONGEST_NAME,
            "found": found,
            "left": left,
            "refused": refused,
            "at_once": self.workshop.office.at_once,
        }
        trail = (("Scripts", SCRIPTS), (titled, f"{SCRIPTS}/{quote(file)}"))
        return self.office.frame.page(
            request,
            "attempt.html",
            here="scripts",
            title="Essayer avec…",
            trail=(*trail, ("Scénarios", SCENARIOS + quote(file))),
            status=status,
            **values,
        )


def _chosen(several: Sequence[TrialOffers], campaign: str) -> TrialOffers | None:
    """The campaign of that name; the only one, where there is only one."""
    if len(several) == 1 and not campaign:
        return several[0]
    return next((one for one in several if key_of(one.campaign) == key_of(campaign)), None)
