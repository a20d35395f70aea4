"""Reports kept under a name: saved from where they are read, changed, and mailed to the team at their hour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.channel import LetterWriter
from relance.french import WEEKDAYS
from server.access import accounts
from server.access.callers import Requester
from server.orders.declined import Declined
from server.orders.saved_reports import CHANGE, MAIL, REMOVE, SAVE
from server.report_mail.listing import saved_rows
from server.report_mail.reading_rights import role_of, why_not
from server.report_mail.recurrence import LAST_DAY, MailEvery, Recurrence, of_cron
from server.reports import french, relative_days
from server.reports.performance.offered import DatedBy, OfferedReport
from server.reports.performance.reading import DaySpan
from server.reports.saved import ALONE, address_of, days_of, in_words, offered_of, savable
from server.reports.saved_list import SavedRow
from server.store import report_mails, saved_reports
from server.store.instants import from_micros
from server.store.report_mails import ReportMail
from server.store.saved_reports import SavedQuestion, SavedReport
from server.web.frame import Flash, done
from server.web.office import Office
from server.web.page import Access, Page, number
from server.web.period import period
from server.web.posted import Posted, posted

PATH = "/rapports/enregistres"
_NEW = f"{PATH}/nouveau"
_KEPT = ("nom", "jours", "avant", "rapport", "sujet", "campagne", "pas")
_MAILED = ("chaque", "jour_semaine", "jour_mois", "heure", "joint")
_LAST_MAILS = 20
#: What became of a mail, in words.
_STATES = {
    report_mails.PENDING: "à envoyer",
    report_mails.SENDING: "part maintenant",
    report_mails.SENT: "parti",
    report_mails.FAILED: "pas parti",
    report_mails.DOUBTFUL: "peut-être parti",
    report_mails.CANCELLED: "arrêté",
}
_FILES = ((".xlsx", "un classeur Excel"), (".csv", "un CSV"), ("", "aucun fichier"))


@dataclass(frozen=True, slots=True)
class SavedLine:
    """One of the list: what it asks, in words, and where it opens, of today’s days."""

    row: SavedRow
    asked: str
    opens: str


@dataclass(frozen=True, slots=True)
class SavedReportPages:
    """Shows them, and keeps them."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Where one is saved, and where each is changed."""
        yield Page(_NEW, Access.READ, self.new, ("GET", "POST"))
        yield Page(f"{PATH}/{{numero}}", Access.READ, self.page, ("GET", "POST"))

    async def lines(self, conn: AsyncConnection, request: Request) -> Sequence[SavedLine]:
        """All those that who looks may read, by name."""
        caller: Requester = request.state.caller
        found = []
        for row in await saved_rows(conn):
            one = self._offered(row.saved.asked)
            if one is None or role_of(one) in caller.roles:
                words = in_words(row.saved.asked, one)
                found.append(SavedLine(row, words, self._opens(row.saved, one)))
        return found

    def _opens(self, saved: SavedReport, one: OfferedReport | None) -> str:
        if one is None:
            return ""
        return address_of(one, saved.asked, days_of(saved.asked, self._today))

    @property
    def _today(self) -> date:
        return self.office.clock.now().astimezone(self.office.settings.zone).date()

    def _offered(self, asked: SavedQuestion) -> OfferedReport | None:
        return offered_of(asked, self.office.added.reports)

    # --- One more ---------------------------------------------------------------------------

    async def new(self, request: Request) -> Response:
        """The question of a page, and under which name to keep it; then it is kept."""
        if request.method != "POST":
            given = request.query_params
            if "rapport" not in given:
                return done(
                    "/rapports",
                    Flash("Ouvrez le rapport à enregistrer, puis «\u00a0Enregistrer…\u00a0»."),
                )
            span, _ = period(given, self._today)
            asked = {name: given.get(name, "")[:200] for name in ("rapport", "campagne")}
            asked |= {"sujet": given.get("nom", "")[:200], "pas": given.get("par", "")[:20]}
            days = relative_days.likely(span, self._today).code
            asked |= {"nom": "", "jours": days, "avant": given.get("avant", "")}
            return await self._asked(request, asked, span)
        form = await posted(request)
        asked = {name: form.text(name) for name in _KEPT}
        try:
            said = await self._order(request, SAVE, asked)
        except Declined as declined:
            span, _ = period({}, self._today)
            return await self._asked(request, asked, span, declined)
        async with self.office.store.read() as conn:
            kept = await saved_reports.by_name(conn, asked["nom"])
        return done(PATH + f"/{kept.id}" if kept else "/rapports", Flash(said))

    async def _asked(
        self,
        request: Request,
        asked: Mapping[str, str],
        span: DaySpan,
        wrong: Declined | None = None,
    ) -> Response:
        question = SavedQuestion(
            *(asked["rapport"], asked["sujet"], asked["campagne"]),
            *(asked["pas"] or "jour", asked["jours"], asked["avant"] != ALONE),
        )
        one = self._offered(question)
        if one is None or not savable(one) or role_of(one) not in request.state.caller.roles:
            raise HTTPException(404)
        return self.office.frame.page(
            request,
            "saved_report_new.html",
            here="rapports",
            title="Enregistrer ce rapport",
            trail=(("Rapports", "/rapports"),),
            status=422 if wrong else 200,
            report=one,
            asked=asked,
            said=in_words(question, one),
            choices=_choices(asked["jours"]),
            dated=one.dated is DatedBy.PERIOD,
            wrong=_beside(wrong),
        )

    # --- One of them ------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """What it asks, who is sent it and what was; what a form changes of that."""
        which = number(request, "numero") or 0
        async with self.office.store.read() as conn:
            saved = await saved_reports.by_id(conn, which)
        one = self._offered(saved.asked) if saved is not None else None
        hidden = one is not None and role_of(one) not in request.state.caller.roles
        if saved is None or hidden:
            raise HTTPException(404)
        if request.method != "POST":
            return await self._shown(request, saved)
        form = await posted(request)
        verb, given = _deed(form, saved)
        try:
            said = await self._order(request, verb, given)
        except Declined as declined:
            return await self._shown(request, saved, (verb, given, declined))
        return done("/rapports" if verb == REMOVE else f"{PATH}/{saved.id}", Flash(said))

    async def _order(self, request: Request, verb: str, given: Mapping[str, str]) -> str:
        caller: Requester = request.state.caller
        who = str(caller.account.id) if caller.account is not None else ""
        compared = {"avant": "" if given["avant"] == ALONE else "oui"} if "avant" in given else {}
        return await self.office.order(request, verb, {**given, **compared, "compte": who})

    async def _shown(
        self,
        request: Request,
        saved: SavedReport,
        wrong: tuple[str, Mapping[str, str], Declined] | None = None,
    ) -> Response:
        caller: Requester = request.state.caller
        one = self._offered(saved.asked)
        async with self.office.store.read() as conn:
            team = await accounts.everybody(conn)
            readers = await saved_reports.readers(conn, saved.id)
            mails = await report_mails.last_of(conn, saved.id, _LAST_MAILS)
        names = {each.id: each.name for each in team}
        own = caller.account is not None and caller.account.id == saved.account_id
        recurrence = of_cron(saved.cron)
        typed = _typed(recurrence or Recurrence(), saved, readers)
        kept = {"nom": saved.name, "jours": saved.asked.days}
        kept["avant"] = "" if saved.asked.compared else ALONE
        verb, given, declined = wrong or ("", {}, None)
        return self.office.frame.page(
            request,
            "saved_report.html",
            here="rapports",
            title=saved.name,
            trail=(("Rapports", "/rapports"),),
            status=422 if declined else 200,
            path=f"{PATH}/{saved.id}",
            saved=saved,
            said=in_words(saved.asked, one),
            opens=self._opens(saved, one),
            owner=names.get(saved.account_id, ""),
            mailed=recurrence.words if recurrence is not None else "",
            next_mail=self._instant(saved.due_at) if saved.due_at is not None else "",
            mine=own or Access.ADMINISTER.role in caller.roles,
            dated=one is not None and one.dated is DatedBy.PERIOD,
            asked={**kept, **given} if verb == CHANGE else kept,
            typed={**typed, **given} if verb == MAIL else typed,
            choices=_choices(saved.asked.days),
            people=[] if one is None else [each for each in team if not why_not(each, one)],
            receiving=[names[number] for number in readers if number in names],
            mails=[self._mail(each, names) for each in mails],
            lacking=self._lacking(),
            wrong=_beside(declined),
            wrong_in=verb,
            every=tuple(MailEvery),
            weekdays=WEEKDAYS,
            days=(*range(1, 29), LAST_DAY),
            files=_FILES,
        )

    def _lacking(self) -> str:
        """What keeps letters from leaving; empty when nothing does."""
        for one in self.office.channels.values():
            if isinstance(one, LetterWriter):
                return one.letters_lack
        return "aucun canal n’envoie de courriel à l’équipe"

    def _mail(self, mail: ReportMail, names: Mapping[int, str]) -> tuple[str, str, str, str]:
        state = _STATES.get(mail.state, mail.state)
        if mail.fault is not None:
            state = f"{state}, pour dire que le rapport n’a pas pu être fait"
        elif mail.missed and mail.state == report_mails.SENT:
            state = f"{state}, en retard"
        name = names.get(mail.account_id, "compte qui n’est plus")
        return self._instant(mail.due_at), name, state, mail.reason or ""

    def _instant(self, at: int) -> str:
        return french.instant(from_micros(at), self.office.settings.zone)


def _typed(recurrence: Recurrence, saved: SavedReport, readers: Sequence[int]) -> dict[str, str]:
    return {
        "chaque": recurrence.every.value,
        "jour_semaine": str(recurrence.weekday),
        "jour_mois": str(recurrence.day),
        "heure": recurrence.clock,
        "joint": saved.attached,
        "destinataires": " ".join(map(str, readers)),
    }


def _deed(form: Posted, saved: SavedReport) -> tuple[str, Mapping[str, str]]:
    """What a form of the page of one asks: its order, and the arguments of it."""
    about = {"numero": str(saved.id)}
    match form.text("geste"):
        case "modifier":
            return CHANGE, {
                **about,
                **{name: form.text(name) for name in ("nom", "jours", "avant")},
            }
        case "envoyer":
            given = {name: form.text(name) for name in _MAILED}
            readers = " ".join(form.several("destinataires"))
            return MAIL, {**about, "nom": saved.name, **given, "destinataires": readers}
        case "arreter":
            return MAIL, {**about, "nom": saved.name}
        case "supprimer":
            return REMOVE, {**about, "nom": saved.name}
    raise HTTPException(404)


def _choices(code: str) -> Sequence[tuple[str, str]]:
    """The days proposed, those that are chosen among them."""
    found = [(one.code, one.title) for one in relative_days.CHOICES.values()]
    chosen = relative_days.read(code)
    if chosen is not None and code not in relative_days.CHOICES:
        found.append((code, chosen.title))
    return found


def _beside(declined: Declined | None) -> Mapping[str, str]:
    """What is wrong, by the field it is said beside."""
    return {} if declined is None else {declined.about: str(declined)}
