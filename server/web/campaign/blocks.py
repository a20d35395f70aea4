"""A block of a script taken in hand from the tree: what may be done with it, and what may be added there.

Where scripts run, the page is a dialog of the editor, about what is on screen, and what it orders is an
edit of that text. Elsewhere it is a page about the draft, which it changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dsl.service.arranging import (
    ArrangeOrder,
    ArrangeVerb,
    arranged,
    by_intention,
    outline_of,
)
from dsl.service.blocks import ArrangedText, BlockPlace
from dsl.service.jumps import unled
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal
from server.daemon_thread import in_daemon_thread
from server.language.draft import DraftLanguage
from server.publication.drafting import DraftText, DraftTexts, Saved
from server.web.buttons import by_editor
from server.web.campaign.overview import campaign_path
from server.web.draft_saving import SCRIPTS, saved_flash, text_asked
from server.web.frame import done
from server.web.limits import WHOLE
from server.web.office import Office, posted
from server.web.page import Page

PATH = "/blocs/{file:path}"
_CHANGED = "Rien n’est changé : le script l’a été entre-temps, par quelqu’un d’autre ou par vous."


@dataclass(frozen=True, slots=True)
class BlockPages:
    """Shows them, and does what they order."""

    office: Office
    draft: DraftLanguage
    scripts: DraftTexts

    def pages(self) -> Iterator[Page]:
        """Who may change the draft."""
        yield Page(PATH, self.office.writing, self.page, ("GET", "POST"), most=WHOLE)

    async def page(self, request: Request) -> Response:
        """What may be done there; or, once it is chosen, that."""
        script = await text_asked(request, self.scripts)
        if request.method == "GET":
            return await self._page(request, script, dict(request.query_params))
        given = {
            name: value.replace("\r\n", "\n") for name, value in (await posted(request)).items()
        }
        if "ordre" in given:
            return await self._do(request, script, given)
        shown = DraftText(script.file, given.get("text", script.text), script.version)
        return await self._page(request, shown, given)

    async def _do(self, request: Request, script: DraftText, given: Mapping[str, str]) -> Response:
        at = BlockPlace.of(given.get("a", ""))
        aim = "etape" if given["ordre"] == ArrangeVerb.LEAD.value else "place"
        to = BlockPlace.of(given.get(aim, ""))
        try:
            verb = ArrangeVerb(given["ordre"])
        except ValueError as error:
            raise HTTPException(400) from error
        if at is None:
            raise HTTPException(400)
        if given.get("version") != script.version:
            return await self._page(request, script, given, _CHANGED)
        order = ArrangeOrder(verb, at, to, given.get("phrase", ""))

        def found(service: LanguageService) -> ArrangedText | Refusal:
            return arranged(service.edited(script.file, script.text), script.file, order)

        made = await self.draft.ask(found)
        if isinstance(made, Refusal):
            return await self._page(request, script, given, by_editor(made.reason))
        kept = await in_daemon_thread(self.scripts.save, script.file, made.text, script.version)
        if not isinstance(kept, Saved):
            return await self._page(request, script, given, _CHANGED)
        flash = saved_flash(kept)
        said = f"{flash.text} {made.note}" if made.note else flash.text
        return done(_back(script.file, given), replace(flash, text=said))

    async def _page(
        self, request: Request, script: DraftText, given: Mapping[str, str], refusal: str = ""
    ) -> Response:
        at = BlockPlace.of(given.get("a", ""))
        if at is None and "a" not in given:
            return RedirectResponse(_back(script.file, given), 303)
        if at is None:
            raise HTTPException(404)
        adds = bool(given.get("ajouter")) or at.inside or at.otherwise

        def found(service: LanguageService) -> dict[str, Any] | None:
            return _values(service.edited(script.file, script.text), script.file, at, adds=adds)

        values = await self.draft.ask(found)
        if values is None:
            raise HTTPException(404)
        return self.office.frame.page(
            request,
            "blocks.html",
            here="scripts",
            trail=(("Scripts", SCRIPTS), (script.file, f"{SCRIPTS}/{script.file}")),
            status=409 if refusal else 200,
            script=script,
            at=str(at),
            adds=adds,
            campaign_number=_number(given),
            back=_back(script.file, given),
            refusal=refusal,
            **values,
        )


def _values(
    service: LanguageService, file: str, at: BlockPlace, *, adds: bool
) -> dict[str, Any] | None:
    """What the page shows of the block, or of the place, of that line; None where there is none."""
    outline = outline_of(service, file)
    places = {str(place): words for place, words in outline.places()}
    if adds:
        if outline.target(at) is None:
            return None
        words = places.get(str(at), "Au début de la campagne")
        words = words[:1].lower() + words[1:].rpartition(" (")[0] if "(ligne" in words else words
        return {"title": f"Ajouter {words}", "groups": by_intention(service)}
    block = outline.blocks.get(at.line)
    if block is None:
        return None
    unleading = unled(outline, block)
    return {
        "title": block.said[:1].upper() + block.said[1:],
        "lines": block.last - block.first + 1,
        "up": outline.above(block) is not None,
        "down": outline.below(block) is not None,
        "places": [(str(place), words) for place, words in outline.places(block)],
        "steps": [] if unleading else list(outline.steps(block)),
        "unled": unleading,
    }


def _number(given: Mapping[str, str]) -> str:
    found = given.get("campagne", "")
    return found if found.isdecimal() and found.isascii() and len(found) < 10 else ""


def _back(file: str, given: Mapping[str, str]) -> str:
    number = _number(given)
    return campaign_path(int(number)) if number else f"{SCRIPTS}/{file}"
