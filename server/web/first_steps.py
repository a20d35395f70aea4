"""The first quarter of an hour: three steps from a model to a campaign of one's own that runs.

Where somebody is in them is read from what they did, never from what they were shown.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.errors import RelanceError, StoreUnavailable
from relance.french import quoted
from server.engine.life.state import State
from server.language.campaigns import DraftCampaign, draft_campaigns
from server.language.draft import DraftLanguage
from server.store.instants import DAY, now_micros
from server.store.schema.campaigns import campaigns
from server.store.schema.rules import publications
from server.web.campaign.overview import campaign_path
from server.web.frame import HOME, viewer_of
from server.web.models import PATH as LIBRARY
from server.web.office import Office
from server.web.page import Access, Page
from server.web.publish import PATH as PUBLISH
from server.web.reach import reaches
from server.web.script_scenarios import PATH as TRY
from server.web.scripts import PATH as SCRIPTS

PATH = "/premiers-pas/cacher"
#: The latest campaign that waits to be activated.
_RESTING = (
    select(campaigns.c.id, campaigns.c.name)
    .where(campaigns.c.state == State.INACTIVE, campaigns.c.present)
    .order_by(campaigns.c.id.desc())
    .limit(1)
)
#: A campaign just taken is among so many, in a house that has thousands.
_LATEST = 100
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
                published = await _published(conn, viewer.name)
                resting = (await conn.execute(_RESTING)).first()
                if published is not None and (resting is None or published < self._yesterday()):
                    return ()
            differing = self._differing(await self.draft.soon_kept(draft_campaigns, ()))
            written = await asyncio.to_thread(self._latest_first, differing)
            drafts = await self._unpublished(written[:_LATEST])
        except (StoreUnavailable, OSError, RelanceError):
            return ()
        if published is not None and resting is not None:
            return _steps(drafts, (f"Activer {quoted(resting.name)}", _activation(resting.id)))
        return _steps(drafts, ("Publier…", PUBLISH) if drafts else None)

    def _differing(self, drafts: Sequence[DraftCampaign]) -> Sequence[DraftCampaign]:
        """Those of files that are not as they run: of thousands, the others are not looked at."""
        rules = self.office.publishing.rules
        running = rules.running.contents if rules.running else {}
        changed = {*rules.pending.added, *rules.pending.changed}
        return [one for one in drafts if one.file in changed or one.file not in running]

    async def _unpublished(self, written: Sequence[DraftCampaign]) -> Sequence[DraftCampaign]:
        these = campaigns.c.key.in_([one.key for one in written])
        async with self.office.store.read() as conn:
            known = set((await conn.scalars(select(campaigns.c.key).where(these))).all())
        return [one for one in written if one.key not in known]

    def _latest_first(self, drafts: Sequence[DraftCampaign]) -> Sequence[DraftCampaign]:
        """The campaign that was last worked on, before the others."""
        return sorted(drafts, key=lambda one: -_written_at(self.office.settings.folder / one.file))

    def _yesterday(self) -> int:
        return now_micros(self.office.clock) - DAY


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


async def _published(conn: AsyncConnection, name: str) -> int | None:
    """When they first published; None if they never did."""
    mine = select(func.min(publications.c.at)).where(publications.c.who == name)
    found: int | None = await conn.scalar(mine)
    return found


def _activation(campaign: int) -> str:
    return f"{campaign_path(campaign)}/activer"


def _steps(drafts: Sequence[DraftCampaign], last: tuple[str, str] | None) -> Sequence[FirstStep]:
    """`last`: what may be done of the third step by now."""
    taken = bool(drafts or last)
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
            "Une attente, par exemple, ou les mots d’un message. Ses scénarios disent aussitôt si elle "
            "fait encore ce qu’elle doit : rien ne part, pour personne.",
            changing,
            done=taken and not drafts,
            now=bool(drafts),
        ),
        FirstStep(
            "Publiez-la, activez-la, et regardez",
            "La publication dit d’abord ce qu’elle ferait, et à qui. Ensuite, la campagne montre qui y "
            "entre, où chaque personne en est, et pourquoi.",
            (last,) if last else (),
            now=taken,
        ),
    )
