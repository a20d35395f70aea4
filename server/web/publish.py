"""Publishing: what it would do to whom, first; then a note, what becomes of those inside, and it is done."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import RelanceError, StoreUnavailable
from relance.fold import key_of
from relance.french import quoted
from relance.project_files import ProjectFiles
from server.access.callers import Requester
from server.engine.transfer.fate import Fate
from server.folder import SCRIPT
from server.orders.agreement import ASK, WITHDRAW, needs_agreement, who_may_agree
from server.orders.declined import Declined
from server.orders.published import published_words
from server.orders.publishing import CHANGED_SINCE, PUBLISH, PublishAnswer, PublishOrder
from server.orders.reason import AT_MOST, too_long
from server.publication import archive, requests
from server.publication.draft import edited
from server.publication.report import PublishedChange
from server.rehearsal.draft_rehearsal import DraftRehearsal
from server.rehearsal.progress import RehearsalProgress
from server.reports import french
from server.reports.performance.messages import message_lines
from server.reports.performance.reading import EVER
from server.reports.screen import Screen, screen
from server.store.instants import from_micros
from server.store.schema.campaigns import campaigns
from server.system_words import os_message
from server.web.deferred import DeferredPages
from server.web.frame import Flash, done, viewer_of
from server.web.office import Office, actor_of, posted
from server.web.page import Access, Page

PATH = "/publier"
#: Where it is only asked for, and where what was asked for is listed.
ASKING, REQUESTS = f"{PATH}/demander", f"{PATH}/demandes"
#: Of a difference, how many lines a page shows.
_LINES = 200
FATES: Mapping[Fate, str] = {
    Fate.KEEP: "Ils finissent leur version",
    Fate.MIGRATE: "Ils passent à la nouvelle, au même endroit",
    Fate.LEAVE: "Ils sortent de la campagne",
}
_FATE = "sort:"
_MOST_PROBLEMS = 20
_SCENARIO = re.compile(r"^[ \t]*sc[ée]nario\s", re.MULTILINE | re.IGNORECASE)
#: A problem says first where it is.
_PLACE = re.compile(r"(?P<file>[^:]+\.\w+), ligne \d+ ?:")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the difference between two files: « + », « - », or a space."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """What changes: in texts, line by line, and in what they say, rule by rule.

    `scenarios`: how many try each script that changes; `novel`: the messages that nobody was ever sent.
    """

    lines: Mapping[str, Sequence[DiffLine]] = field(default_factory=dict)
    rules: Screen | None = None
    scenarios: Mapping[str, int] = field(default_factory=dict)
    novel: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PublishPage:
    """Asks, and publishes."""

    office: Office

    @property
    def _deferred(self) -> DeferredPages:
        return DeferredPages(self.office)

    def pages(self) -> Iterator[Page]:
        """Where it is asked, and done."""
        yield Page(PATH, Access.PUBLISH, self.page, ("GET", "POST"))
        yield Page(ASKING, Access.WRITE, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """The question; or what was answered, done."""
        fields = await posted(request) if request.method == "POST" else {}
        order = self._order(request, fields)
        if "retirer" in fields:
            return await self._withdrawn(request, fields)
        if "renoncer" in fields:
            back = _back(request, fields)
            return await self._deferred.call_off(request, fields["renoncer"], back)
        if request.method != "POST" and (one := self._deferred.current) is not None:
            return await self._deferred.page(request, one, _back(request, fields))
        if request.method == "POST" and "voir" not in fields:
            refused, about = too_long(order.note), "note"
            verb = ASK if request.url.path == ASKING else PUBLISH
            if not refused:
                given, actor, back = order.arguments(), actor_of(request), _back(request, fields)
                try:
                    if not await self.office.rehearsed(verb, given):
                        return await self._deferred.begin(request, verb, given, back)
                    answer = PublishAnswer.of(await self.office.desk.perform(verb, given, actor))
                except Declined as declined:
                    refused, about = str(declined), declined.about
                else:
                    if not answer.problems:
                        return await self._published(back, answer)
            return await self._ask(request, order, _back(request, fields), refused, 409, about)
        return await self._ask(request, order, _back(request, fields), "", 200)

    async def _withdrawn(self, request: Request, fields: Mapping[str, str]) -> Response:
        """Their own request, taken back."""
        given = {"numero": fields["retirer"]}
        try:
            said = await self.office.desk.perform(WITHDRAW, given, actor_of(request))
        except Declined as declined:
            return done(request.url.path, Flash(str(declined), refused=True))
        return done(_back(request, fields), Flash(said))

    async def _published(self, back: str, answer: PublishAnswer) -> Response:
        """What was done, said where one goes on: on the page of the campaign that it brought."""
        said = await published_words(answer, self.office.store)
        if said.campaign is not None and back == "/campagnes":
            return done(f"{back}/{said.campaign}", Flash(said.text))
        return done(back, Flash(said.text))

    def _order(self, request: Request, fields: Mapping[str, str]) -> PublishOrder:
        fates = tuple(
            (name.removeprefix(_FATE), fate)
            for name, fate in fields.items()
            if name.startswith(_FATE) and fate in {one.value for one in Fate}
        )
        allowed = fields.get("autoriser", "")
        over = fields.get("sur", "")
        return PublishOrder(
            viewer_of(request).name,
            fields.get("note", "").strip(),
            None if "activer" in fields else (),
            allowed=int(allowed) if allowed.isdecimal() and len(allowed) < 10 else None,
            based_on=int(over) if over.isdecimal() and len(over) < 10 else None,
            fates=fates,
            seen=fields.get("vu", "") if request.method == "POST" else None,
            alone="seul" in fields,
            despite="malgre-scenarios" in fields,
        )

    async def _ask(
        self,
        request: Request,
        order: PublishOrder,
        back: str,
        refused: str,
        status: int,
        about: str = "",
    ) -> Response:
        rehearsal: DraftRehearsal | RehearsalProgress = DraftRehearsal()
        try:
            answer = await self.office.publishing.attempt(order)
            shown = await self._difference()
            if answer.changes:
                rehearsal = await self.office.rehearsal()
        except (RelanceError, OSError) as error:
            wrong = os_message(error) if isinstance(error, OSError) else str(error)
            answer, shown = PublishAnswer(problems=(wrong,)), ShownDifference()
            status = 503 if isinstance(error, StoreUnavailable) else status
        if order.seen is not None and answer.mark and order.seen != answer.mark:
            refused, about = CHANGED_SINCE, "vu"
        if about == "malgre_scenarios" and isinstance(rehearsal, DraftRehearsal):
            headline = rehearsal.headline
            refused = f"{headline} Rien n’a été publié." if headline else refused
        people = people_in(answer.changes)
        entering = sum(one.count or 0 for one in answer.changes if one.change == "entering")
        asks = self._asks(request)
        return self.office.frame.page(
            request,
            "publish.html",
            here="campagnes",
            title="Publier",
            trail=(("Campagnes", "/campagnes"),),
            status=status,
            answer=answer,
            problems=[(_file(one), one) for one in answer.problems[:_MOST_PROBLEMS]],
            refused="" if about == "note" else refused or answer.refusal,
            wrong={"note": refused} if about == "note" else {},
            rehearsal=rehearsal,
            chooses=True,
            despite=order.despite,
            order=order,
            back=back,
            people=people,
            chosen=dict(order.fates),
            fates={fate.value: words for fate, words in FATES.items()},
            entering=entering,
            new=any(one.kind == "campaign" and one.change == "new" for one in answer.changes),
            shown=shown,
            files=shown.lines,
            words=shown.rules,
            last=await self._last(),
            asks=asks,
            asked_at=lambda at: french.instant(from_micros(at), self.office.settings.zone),
            action=request.url.path,
            **await self._others(request),
            longest=AT_MOST,
        )

    def _asks(self, request: Request) -> bool:
        """Whether what is sent from there waits for another person."""
        caller: Requester = request.state.caller
        mode = self.office.settings.agreement
        return request.url.path == ASKING or needs_agreement(mode, caller.roles)

    async def _others(self, request: Request) -> dict[str, Any]:
        """Who may agree to it, and what waits already."""
        person = actor_of(request).person
        try:
            async with self.office.store.read() as conn:
                agreeing, pending = await who_may_agree(conn, person), await requests.waiting(conn)
                mine_last = await requests.latest(conn, 1, person=person)
        except StoreUnavailable:
            agreeing, pending, mine_last = (), None, ()
        declined = [one for one in mine_last if one.state is requests.RequestState.DECLINED]
        mine = pending is not None and pending.wished.person == person
        return {
            "agreeing": agreeing,
            "pending": pending,
            "mine": mine,
            "declined": declined[0] if declined else None,
        }

    async def _last(self) -> int | None:
        try:
            async with self.office.store.read() as conn:
                made = await archive.made_at(conn)
        except StoreUnavailable:
            return None
        return made[0] if made else None

    async def _difference(self) -> ShownDifference:
        """What changes in each text, line by line; and what changes in what they say, rule by rule."""
        rules = self.office.publishing.rules
        reading = await rules.reading()
        async with self.office.store.read() as conn:
            last = await archive.publication(conn)
        former = edited(last.files) if last is not None else ProjectFiles()
        draft = edited(reading.files)
        lines = await asyncio.to_thread(_changed, draft, former)
        scripts = [name for name in lines if name.endswith(SCRIPT) and name in draft.contents]
        tried = {name: _scenarios(draft.contents[name]) for name in scripts}
        novel = await self._never_sent(draft, former)
        found = await rules.compared(reading)
        if found is None or not (found.campaigns or found.policy):
            return ShownDifference(lines, None, tried, novel)
        async with self.office.store.read() as conn:
            report = await found.report(
                conn, "Ce qui change, règle par règle", self.office.glossary
            )
        rules_ = _filled(screen(replace(report, notes=()), self.office.settings.zone))
        return ShownDifference(lines, rules_, tried, novel)

    async def _never_sent(self, draft: ProjectFiles, former: ProjectFiles) -> Sequence[str]:
        """The messages that this publication brings, and that nobody was ever sent."""
        names, channel = self.office.plugins.message_names, self.office.glossary.channel
        now, before = await asyncio.to_thread(lambda: (names(draft), names(former)))
        new = [
            (kind, name)
            for kind, several in now.items()
            for name in several
            if key_of(name) not in map(key_of, before.get(kind, ()))
        ]
        if not new:
            return ()
        async with self.office.store.read() as conn:
            ids = (await conn.scalars(select(campaigns.c.id))).all()
            lines = await message_lines(conn, ids, EVER, each=True)
        sent = {(one.channel, key_of(one.message or "")) for one in lines if one.sent}
        return [
            f"{channel(kind)} {quoted(name)}"
            for kind, name in new
            if (kind, key_of(name)) not in sent
        ]


def people_in(changes: Sequence[PublishedChange]) -> Mapping[str, Sequence[PublishedChange]]:
    """What becomes of those inside, by their campaign."""
    people: defaultdict[str, list[PublishedChange]] = defaultdict(list)
    for one in changes:
        if one.kind == "people":
            people[one.name].append(one)
    return people


def _changed(draft: ProjectFiles, former: ProjectFiles) -> Mapping[str, Sequence[DiffLine]]:
    found: dict[str, Sequence[DiffLine]] = {}
    for name in sorted(draft.contents.keys() | former.contents.keys()):
        old, new = former.contents.get(name, b""), draft.contents.get(name, b"")
        if old == new or not _text(name):
            continue
        before, after = (one.decode("utf-8", "replace").splitlines() for one in (old, new))
        lines = unified_diff(before, after)
        kept = [DiffLine(line[:1], line[1:]) for line in list(lines)[2 : _LINES + 2]]
        found[name] = [one for one in kept if one.sign != "@"]
    return found


def _back(request: Request, fields: Mapping[str, str]) -> str:
    """Where one publishes from: the page of a campaign, or that of all."""
    asked = fields.get("campagne", "") or request.query_params.get("campagne", "")
    known = asked.isascii() and asked.isdecimal() and len(asked) < 19
    return f"/campagnes/{asked}" if known else "/campagnes"


def _scenarios(text: bytes) -> int:
    """How many try that script."""
    return len(_SCENARIO.findall(text.decode("utf-8", "replace")))


def _filled(table: Screen) -> Screen:
    """The same, without the columns that say nothing."""
    places = [at for at in range(len(table.headings)) if any(row[at] for row in table.rows)]
    headings = tuple(table.headings[at] for at in places)
    rows = tuple(tuple(row[at] for at in places) for row in table.rows)
    return replace(table, headings=headings, rows=rows)


def _file(problem: str) -> str:
    """The file that it is in; empty when it is in none."""
    found = _PLACE.match(problem)
    return found["file"] if found else ""


def _text(name: str) -> bool:
    return name.endswith((".relance", ".md", ".txt", ".liquid", ".html", ".toml", ".json"))
