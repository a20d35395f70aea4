"""The first quarter of an hour: three steps from a model to a campaign of one's own that runs.

Where somebody is in them is read from what they did, never from what they were shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.errors import RelanceError, StoreUnavailable
from relance.french import quoted
from server.language.campaigns import DraftCampaign, draft_campaigns
from server.language.draft import DraftLanguage
from server.store.schema.campaigns import campaigns
from server.store.schema.rules import publications
from server.web.frame import HOME, viewer_of
from server.web.models import PATH as LIBRARY
from server.web.office import Office
from server.web.page import Access, Page
from server.web.publish import PATH as PUBLISH
from server.web.reach import reaches
from server.web.script_scenarios import PATH as TRY
from server.web.scripts import PATH as SCRIPTS

PATH = "/premiers-pas/cacher"
_COOKIE, _YEAR = "relance_premiers_pas", 365 * 86_400


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of them. `ways`: what may be done of it, each its words and its address."""

    title: str
    words: str
    ways: Sequence[tuple[str, str]] = ()
    done: bool = False
    now: bool = False


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Shows them to who may do them all, until they have, or would rather not see them."""

    office: Office
    draft: DraftLanguage

    def pages(self) -> Iterator[Page]:
        """Where they are put away."""
        yield Page(PATH, Access.SIGNED_IN, self.hide, ("POST",))

    async def hide(self, request: Request) -> Response:
        """Show them no more in this browser."""
        answer = RedirectResponse(HOME, 303)
        kept = {"max_age": _YEAR, "path": "/", "httponly": True, "samesite": "strict"}
        answer.set_cookie(_COOKIE, "vus", **kept)  # type: ignore[arg-type]
        return answer

    async def steps(self, request: Request) -> Sequence[FirstStep]:
        """None for who may not take them all, has taken them, or put them away."""
        viewer = viewer_of(request)
        needed = (f"{LIBRARY}/modele", PUBLISH)
        if _COOKIE in request.cookies or not all(
            reaches(request, viewer.may, path) for path in needed
        ):
            return ()
        try:
            async with self.office.store.read() as conn:
                if await _published(conn, viewer.name):
                    return ()
                known = set((await conn.scalars(select(campaigns.c.key))).all())
            written = await self.draft.ask(draft_campaigns)
        except (StoreUnavailable, OSError, RelanceError):
            return ()
        return _steps([one for one in written if one.key not in known])


async def _published(conn: AsyncConnection, name: str) -> bool:
    mine = select(publications.c.number).where(publications.c.who == name)
    return bool(await conn.scalar(select(exists(mine))))


def _steps(drafts: Sequence[DraftCampaign]) -> Sequence[FirstStep]:
    taken = bool(drafts)
    changing = [
        way
        for one in drafts[:1]
        for way in (
            (f"Ouvrir {quoted(one.name)}", f"{SCRIPTS}/{quote(one.file)}"),
            ("L’essayer", TRY + quote(one.file)),
        )
    ]
    return (
        FirstStep(
            "Prenez une campagne",
            "Choisissez un modèle dans la bibliothèque et donnez-lui un nom. Elle est à vous, dans "
            "le brouillon : personne n’y entre.",
            (("Ouvrir la bibliothèque", LIBRARY),),
            done=taken,
            now=not taken,
        ),
        FirstStep(
            "Changez-en une phrase, puis essayez-la",
            "«\u00a0attendre au plus 3 jours\u00a0», par exemple, ou un message. Ses scénarios disent aussitôt "
            "si elle fait encore ce qu’elle doit : rien ne part, pour personne.",
            changing,
            now=taken,
        ),
        FirstStep(
            "Publiez-la, activez-la, et regardez",
            "La publication dit d’abord ce qu’elle ferait, et à qui. Ensuite, la campagne montre qui y "
            "entre, où chaque personne en est, et pourquoi.",
            (("Publier…", PUBLISH),) if taken else (),
            now=taken,
        ),
    )
