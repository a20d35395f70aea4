"""The scenarios of a script of the draft: tried before anything of it was ever published."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.daemon_thread import in_daemon_thread
from server.publication.drafting import DraftTexts
from server.web.frame import Frame
from server.web.page import Access, Page
from server.web.scenarios import ScenarioPlayer, attempt_path, tries
from server.web.scripts import PATH as SCRIPTS

PATH, PLAY = "/scenarios/", "/rejouer/"


@dataclass(frozen=True, slots=True)
class ScriptScenarios:
    """Shows them, and has them played."""

    folder: Path
    scripts: DraftTexts
    player: ScenarioPlayer
    frame: Frame
    #: What people call a script of the draft.
    titled: Callable[[str], Awaitable[str]]

    def pages(self) -> Iterator[Page]:
        """Where they are; playing takes the machine some seconds."""
        yield Page(PATH + "{file:path}", Access.READ, self.page)
        play, form_at = PLAY + "{file:path}", PATH + "{file}"
        yield Page(play, Access.WRITE, self.page, ("POST",), in_time=False, form_at=form_at)

    async def page(self, request: Request) -> Response:
        """As they are written; as they went, once played."""
        try:
            script = await in_daemon_thread(self.scripts.read, request.path_params["file"])
        except LookupError as error:
            raise HTTPException(404) from error
        played, refused = None, ""
        if request.method == "POST":
            found = await self.player.played(self.folder / script.file)
            played, refused = (None, found) if isinstance(found, str) else (found, "")
        shown, titled = tries(script.text, played), await self.titled(script.file)
        return self.frame.page(
            request,
            "script_scenarios.html",
            here="scripts",
            title="Scénarios",
            trail=(("Scripts", SCRIPTS), (titled, f"{SCRIPTS}/{quote(script.file)}")),
            titled=titled,
            status=422 if refused else 200,
            file=script.file,
            attempt=attempt_path(script.file),
            tries=shown,
            played=played is not None,
            passed=sum(one.passed is True for one in shown),
            refused=refused,
        )
