"""What is done to many leads at once: those ticked, or all for whom a sentence is true.

Asked first with the number of people, then done part by part; the log says who did it to how many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.access.register import AccessRegister
from server.exports import leads as exports
from server.exports.stream import csv_parts
from server.language import conditions
from server.language.conditions import TypedCondition
from server.language.draft import DraftLanguage
from server.orders.declined import Declined
from server.reports import french
from server.reports.selection import Unanswerable
from server.web.frame import Flash, done
from server.web.leads import (
    GESTURES,
    PATH,
    UNANSWERABLE,
    AskedLeads,
    LeadSearches,
    LeadsPage,
    chosen_together,
    selection_of,
)
from server.web.office import Office, actor_of
from server.web.page import Access, Page
from server.web.posted import Posted, posted

#: So many are changed at once; a list, which keeps itself, is for more.
MOST = 200_000
_EXPORT = "exporter"
_UNREAD = "Cette phrase ne se lit pas : filtrez d’abord, et voyez ce qui est dit d’elle."


@dataclass(frozen=True, slots=True)
class AskedTogether:
    """What is asked, of whom: of those `ticked`, or of `everybody` for whom `sentence` is true."""

    gesture: str
    name: str
    sentence: str
    ticked: Sequence[int]
    everybody: bool
    agreed: int | None
    #: What was looked for by name instead.
    sought: str = ""

    @property
    def of_lists(self) -> bool:
        """Whether what is named is a list, not a tag."""
        return self.gesture in ("mettre-en-liste", "oter-de-liste")


@dataclass(frozen=True, slots=True)
class LeadsTogether:
    """Asks, and does."""

    office: Office
    draft: DraftLanguage
    searches: LeadSearches
    register: AccessRegister

    def pages(self) -> Iterator[Page]:
        """Both of them are of people; what is taken away asks for the password again."""
        lot, sheet = f"{PATH}/ensemble", f"{PATH}/export"
        yield Page(lot, Access.PERSONAL, self.page, ("POST",), in_time=False, form_at=PATH)
        yield Page(sheet, Access.PERSONAL, self.sheet, ("GET", "POST"), recent=True, in_time=False)

    async def page(self, request: Request) -> Response:
        """The question, with how many it is about; once agreed to, it is done."""
        asked = _asked(await posted(request))
        refused = _unfit(asked)
        if refused:
            return await self._back(request, refused)
        try:
            leads = await self._leads(asked)
        except Unanswerable as unknown:
            return await self._back(request, str(unknown))
        if asked.agreed == len(leads) and leads:
            given = {"liste" if asked.of_lists else "etiquette": asked.name}
            numbers = " ".join(map(str, leads))
            try:
                said = await self.office.order(request, asked.gesture, {**given, "leads": numbers})
            except Declined as declined:
                return self._ask(request, asked, len(leads), str(declined))
            back = self.searches.address(request, AskedLeads(sentence=asked.sentence))
            return done(back, Flash(said))
        return self._ask(request, asked, len(leads))

    async def _back(self, request: Request, wrong: str) -> Response:
        """The page it was asked from, as it was, with what is wrong beside the button."""
        chosen = chosen_together(await posted(request), wrong)
        page = LeadsPage(self.office, self.draft, self.searches)
        return await page.shown(request, await self.searches.asked(request), chosen)

    def _ask(
        self, request: Request, asked: AskedTogether, count: int, refused: str = ""
    ) -> Response:
        return self.office.frame.page(
            request,
            "leads_together.html",
            here="leads",
            title=GESTURES[asked.gesture],
            trail=(("Leads", PATH),),
            status=409 if refused else 200,
            asked=asked,
            sought=asked.sought,
            people=french.count(count, "personne"),
            count=count,
            most=MOST,
            refused=refused,
            export=asked.gesture == _EXPORT,
        )

    async def _leads(self, asked: AskedTogether) -> Sequence[int]:
        """Who they are. Raises `Unanswerable`, in words for people."""
        if not asked.everybody:
            return asked.ticked
        read = await self._read(asked.sentence)
        if read.condition is None:
            raise Unanswerable(_UNREAD)
        found: list[int] = []
        try:
            async for part in selection_of(self.office, read).everybody(self.office.store, MOST):
                found += part
        except Unanswerable as unknown:
            raise Unanswerable(UNANSWERABLE) from unknown
        return found

    async def _read(self, sentence: str) -> TypedCondition:
        return await self.draft.ask(lambda draft: conditions.typed_condition(draft, sentence))

    async def sheet(self, request: Request) -> Response:
        """All that is known of them, as CSV, made as it is read."""
        if request.method != "POST":
            words = "Votre mot de passe est bon : redemandez l’export."
            return done(PATH, Flash(words))
        asked = _asked(await posted(request))
        try:
            leads = () if _unfit(asked) else await self._leads(asked)
        except Unanswerable as unknown:
            return done(PATH, Flash(str(unknown), refused=True))
        store, zone = self.office.store, self.office.settings.zone
        wish = exports.members(store, zone, self.office.glossary.channels, None)
        about = french.count(len(leads), "personne")
        async with store.write() as conn:
            await self.register.audit.note(conn, actor_of(request), "leads.exportes", about)
        headers = {
            "content-disposition": 'attachment; filename="leads.csv"',
            "cache-control": "no-store",
        }
        parts = csv_parts(store, exports.of_these(wish, leads))
        return StreamingResponse(parts, 200, headers, "text/csv; charset=utf-8")


def _asked(form: Posted) -> AskedTogether:
    chosen, agreed = chosen_together(form), form.text("combien")
    return AskedTogether(
        chosen.gesture,
        chosen.name,
        str(form.data.get("filtre", ""))[: conditions.LONGEST].strip(),
        () if chosen.everybody else chosen.ticked,
        chosen.everybody,
        int(agreed) if agreed.isascii() and agreed.isdecimal() and len(agreed) < 19 else None,
        form.text("cherche"),
    )


def _unfit(asked: AskedTogether) -> str:
    """What is missing, if anything is."""
    if asked.gesture not in GESTURES:
        return "Dites ce qu’il faut faire de ces personnes."
    if not (asked.sentence if asked.everybody else asked.ticked):
        if asked.sentence:
            return "Cochez des personnes, ou choisissez «\u00a0de tous ceux du filtre\u00a0» : rien n’a été fait."
        return "Cochez d’abord des personnes, ou filtrez : rien n’a été fait."
    if asked.gesture != _EXPORT and not asked.name:
        return "Donnez le nom de la liste ou de l’étiquette : rien n’a été fait."
    return ""
