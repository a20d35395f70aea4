"""The exclusive groups, and the order in which each lets in: looked at, tried, then written in the draft.

Nothing is written by moving a campaign: what another order would write is shown, and one button writes
it, in all the scripts concerned at once, and leads to where they are published together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from dsl.service.edits import all_applied
from dsl.service.group_order import (
    ExclusiveGroup,
    NewPriority,
    exclusive_groups,
    renumbered,
)
from dsl.service.grouped import GroupedCampaign
from dsl.service.language_service import LanguageService
from relance.errors import StoreUnavailable
from relance.french import quoted
from server.daemon_thread import in_daemon_thread
from server.language.draft import DraftLanguage
from server.publication.drafting import DraftTexts
from server.publication.unusable import UnusableDraft
from server.reports.group_ranks import RankedCampaign, ranked
from server.reports.group_report import GroupLine, group_line, left_in, peers_of
from server.web import publish
from server.web.campaign.overview import campaign_path, mark_of
from server.web.draft_saving import SCRIPTS
from server.web.frame import Flash, done, viewer_of
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import Posted, posted
from server.web.reach import reaches

PATH = "/groupes"
#: What an address may hold of an order: a mark for each campaign.
_MOST = 2_000
_CHANGED = (
    "Rien n’est écrit : quelqu’un d’autre a changé ce groupe entre-temps. Votre ordre est encore ici, "
    "avec ce qu’il écrirait maintenant."
)
_SAME = "Rien n’est écrit : ces campagnes sont déjà dans cet ordre."
_GONE = "Ce groupe n’est plus dans le brouillon : rien n’est écrit."


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """An order of a group that is looked at. `moved`: the mark of the campaign that was just moved, and
    which way; `refused`: why it was not written."""

    group: str = ""
    marks: Sequence[str] = ()
    moved: tuple[str, str] = ("", "")
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ShownCampaign:
    """A line of a group. `mark`: what forms call it; `priority`: in the order that is looked at."""

    line: GroupLine
    mark: str
    priority: int

    @property
    def path(self) -> str:
        """Where it is opened: its script, while it was never published."""
        if self.line.known is not None:
            return campaign_path(self.line.known.id)
        return f"{SCRIPTS}/{quote(self.line.file)}"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group in the order that is looked at. `changes`: what that order would write; `seen`: what it is
    made of; `drafted`: the scripts concerned that already differ from what runs."""

    group: ExclusiveGroup
    mark: str
    seen: str
    lines: Sequence[ShownCampaign]
    changes: Sequence[NewPriority] = ()
    drafted: Sequence[str] = ()
    left: Sequence[str] = ()
    proposed: ProposedOrder = field(default_factory=ProposedOrder)


class GroupPages:
    """Shows them, and writes an order."""

    def __init__(self, office: Office, draft: DraftLanguage, scripts: DraftTexts) -> None:
        self._office, self._draft, self._scripts = office, draft, scripts

    def pages(self) -> Iterator[Page]:
        """Whoever reads looks; whoever changes the draft writes an order there."""
        yield Page(PATH, Access.READ, self._page)
        writes = self._office.writing
        yield Page(f"{PATH}/ordonner", writes, self._write, ("POST",), form_at=PATH)

    async def _page(self, request: Request) -> Response:
        asked = request.query_params
        group, marks = asked.get("groupe", ""), asked.getlist("ordre")[:_MOST]
        for way in ("monter", "descendre"):
            if mark := asked.get(way):
                marks = _moved(marks, mark, -1 if way == "monter" else 1)
                return await self._shown(request, ProposedOrder(group, marks, (mark, way)))
        return await self._shown(request, ProposedOrder(group, marks))

    async def _shown(self, request: Request, asked: ProposedOrder, status: int = 200) -> Response:
        known: Mapping[str, RankedCampaign] | None = None
        groups = await self._draft.ask_kept(exclusive_groups, exclusive_groups)
        keys = [one.key for group in groups for one in group.campaigns]
        today = self._office.clock.now().astimezone(self._office.settings.zone).date()
        try:
            async with self._office.store.read() as conn:
                known = await ranked(conn, keys, today)
        except StoreUnavailable:
            status = 503
        shown = [self._group(one, asked, known or {}) for one in groups]
        return self._office.frame.page(
            request,
            "groups.html",
            here="campagnes",
            title="Groupes exclusifs",
            trail=(("Campagnes", "/campagnes"),),
            status=status,
            groups=shown,
            away=known is None,
            writes=self._office.writing in viewer_of(request).may,
            publishes=_next(request, at_once=self._office.at_once),
            refused=asked.refused if asked.group not in {one.mark for one in shown} else "",
        )

    def _group(
        self, group: ExclusiveGroup, asked: ProposedOrder, known: Mapping[str, RankedCampaign]
    ) -> ShownGroup:
        mark = mark_of(group.key)
        mine = asked if asked.group == mark else ProposedOrder()
        order = _arranged(group, mine.marks)
        changes = renumbered(order) if mine.marks else ()
        wanted = {one.campaign.key: one.priority for one in changes}
        pending = self._office.publishing.rules.pending
        differing = {*pending.added, *pending.changed}
        drafted = dict.fromkeys(one.campaign.file for one in changes)
        left = [one.name for one in left_in(group, known)]
        peers = peers_of(group)
        return ShownGroup(
            group,
            mark,
            _seen(group),
            [
                ShownCampaign(
                    group_line(group, one, known.get(one.key), peers),
                    mark_of(one.key),
                    wanted.get(one.key, one.priority),
                )
                for one in order
            ],
            changes,
            [one for one in drafted if one in differing],
            left,
            mine,
        )

    async def _write(self, request: Request) -> Response:
        """Write that order in every script it concerns, or nothing in any."""
        form = await posted(request)
        asked = _asked(form)

        def written(service: LanguageService) -> Mapping[str, tuple[str, str]] | str:
            groups = exclusive_groups(service)
            group = next((one for one in groups if mark_of(one.key) == asked.group), None)
            if group is None:
                return _GONE
            if _seen(group) != form.text("vu"):
                return _CHANGED
            edits = [one.edit for one in renumbered(_arranged(group, asked.marks))]
            texts = all_applied(service.sources, edits)
            return {file: (service.sources[file], now) for file, now in texts.items()} or _SAME

        try:
            found = await self._draft.ask(written)
            if not isinstance(found, str) and not await in_daemon_thread(
                self._scripts.change, found
            ):
                found = _CHANGED
        except UnusableDraft as unusable:
            found = f"Rien n’est écrit. {unusable}"
        if isinstance(found, str):
            refused = ProposedOrder(asked.group, asked.marks, refused=found)
            return await self._shown(request, refused, 409)
        return self._written(request, found)

    def _written(self, request: Request, files: Mapping[str, Any]) -> Response:
        names = ", ".join(quoted(one) for one in files)
        several = len(files) > 1
        said = f"Le nouvel ordre est écrit dans {names}."
        if self._office.at_once:
            return done(PATH, Flash(f"{said} Il est publié dans un instant, d’un seul coup."))
        then = _next(request, at_once=False)
        if not then:
            return done(PATH, Flash(said))
        whole = "ensemble, dans une seule publication" if several else "quand vous publiez"
        return done(then, Flash(f"{said} Il vaut pour tous {whole}."))


def _next(request: Request, *, at_once: bool) -> str:
    """Where what is written is published, or asked for, by who looks; nowhere where it publishes itself."""
    if at_once:
        return ""
    may = viewer_of(request).may
    return next((one for one in (publish.PATH, publish.ASKING) if reaches(request, may, one)), "")


def _seen(group: ExclusiveGroup) -> str:
    """What names the state of a group that somebody looked at."""
    return mark_of("\n".join(f"{one.key}\t{one.priority}" for one in group.campaigns))


def _arranged(group: ExclusiveGroup, marks: Sequence[str]) -> Sequence[GroupedCampaign]:
    keys = {mark_of(one.key): one.key for one in group.campaigns}
    return group.arranged(keys[mark] for mark in marks if mark in keys)


def _moved(marks: Sequence[str], mark: str, by: int) -> list[str]:
    """That order, with one of them a place up or down; the same at its end."""
    found = list(dict.fromkeys(marks))
    at = found.index(mark) if mark in found else -1
    if at >= 0 and 0 <= at + by < len(found):
        found[at], found[at + by] = found[at + by], found[at]
    return found


def _asked(form: Posted) -> ProposedOrder:
    return ProposedOrder(form.text("groupe"), form.several("ordre")[:_MOST])
