"""« Équipe et ventes »: who sells, whose turn it is, what each was given; and the draft of the team."""

from asyncio import to_thread
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from relance.person import Person
from server.orders.absences import CANCEL, NOTE, days_of
from server.orders.declined import Declined
from server.orders.sales import SELLER
from server.publication.on_disk import on_disk
from server.publication.unusable import UnusableDraft, reading_draft
from server.reports.performance.sales import people_of, sales_report, seller_lines
from server.reports.relative_days import former
from server.store import absences
from server.store.instants import now_micros
from server.web.frame import Flash, done, viewer_of
from server.web.office import Office
from server.web.page import Access, Page
from server.web.period import period, presets
from server.web.posted import posted
from server.web.report_parts import parts_of
from server.web.warning_preview import SeenWarning, WarningPreview

PATH = "/equipe"
_FIELDS = ("nom", "courriel", "telephone", "absent")


@dataclass(frozen=True, slots=True)
class SalesPage:
    """Shows it; what it changes is the draft, as a script is."""

    office: Office
    warned: WarningPreview

    def pages(self) -> Iterator[Page]:
        """Where it is."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(f"{PATH}/changer", Access.WRITE, self.change, ("POST",), form_at=PATH)
        yield Page(f"{PATH}/absences", Access.PUBLISH, self.absence, ("POST",), form_at=PATH)

    async def page(self, request: Request) -> Response:
        """The team as it works, and that of the draft for who may change it."""
        return await self._shown(request)

    async def change(self, request: Request) -> Response:
        """Somebody is added, changed or taken out."""
        form = await posted(request)
        given = {name: form.text(name) for name in _FIELDS}
        about = form.text("ancien")
        if form.text("apercu"):
            email, phone = given["courriel"].strip() or None, given["telephone"].strip() or None
            who = Person(" ".join(given["nom"].split())[:100] or "Quelqu’un", email, phone)
            personal = Access.PERSONAL in viewer_of(request).may
            type_, sought = form.text("alerte"), form.text("lecteur")
            seen = await self.warned.look(type_, who, sought, personal=personal)
            return await self._shown(request, (about, given, ""), seen=seen)
        if form.text("retirer"):
            given = dict.fromkeys(_FIELDS, "")
        elif not given["nom"].strip():
            return await self._shown(request, (about, given, "Il faut un nom."), field="nom")
        try:
            said = await self.office.order(request, SELLER, {"ancien": about, **given})
        except Declined as declined:
            wrong = (about, given, str(declined))
            return await self._shown(request, wrong, field=declined.about)
        return done(PATH, Flash(said))

    async def absence(self, request: Request) -> Response:
        """Somebody is away between two days, or is not after all: at once, without a publication."""
        form = await posted(request)
        given = {name: form.text(name) for name in ("nom", "du", "au", "raison")}
        verb, asked = NOTE, given
        if form.text("oter"):
            verb, asked = CANCEL, {"numero": form.text("oter")}
        try:
            said = await self.office.order(request, verb, asked)
        except Declined as declined:
            return await self._shown(request, away=(given, declined.about, str(declined)))
        return done(f"{PATH}#absences", Flash(said))

    async def _shown(
        self,
        request: Request,
        wrong: tuple[str, Mapping[str, str], str] | None = None,
        away: tuple[Mapping[str, str], str, str] | None = None,
        seen: SeenWarning | None = None,
        field: str = "",
    ) -> Response:
        office = self.office
        today = office.clock.now().astimezone(office.settings.zone).date()
        days, refused = period(request.query_params, today)
        zone = office.settings.zone
        async with office.store.read() as conn:
            reaching = office.glossary.reaching
            at = now_micros(office.clock)
            now = await seller_lines(conn, days, zone, reaching, at)
            then = await seller_lines(conn, former(days), zone, reaching, at)
            coming = await absences.since(conn, at)
            running = await people_of(conn)
        (part,) = parts_of(
            {"equipe": sales_report(now, days)},
            {"equipe": sales_report(then, former(days))},
            zone,
        )
        draft, unread = await to_thread(self._draft)
        writes = Access.WRITE in viewer_of(request).may and not unread
        return office.frame.page(
            request,
            "sales.html",
            here="equipe",
            title="Équipe et ventes",
            frames=seen is not None,
            status=422 if (wrong and wrong[2]) or away or refused or (seen and seen.wrong) else 200,
            seen=seen,
            types=await self.warned.types() if writes else (),
            part=replace(part, charts=()),
            draft=draft,
            unread=unread,
            pending=not unread and _as_run(draft) != running,
            wrong=wrong,
            field=field,
            names=[one.name for one in now],
            absences=[(one, days_of(one), one.begins_at <= at) for one in coming],
            away=away or ({"nom": "", "du": "", "au": "", "raison": ""}, "", ""),
            days=days,
            refused=refused,
            presets=[
                (
                    one.title,
                    f"{PATH}?du={one.span.first}&au={one.span.last}&{one.named}",
                    one.current,
                )
                for one in presets(today, days, request.query_params)
            ],
        )

    def _draft(self) -> tuple[tuple[Person, ...], str]:
        """The team of the files, and why it cannot be read, if so."""
        try:
            with reading_draft():
                return self.office.plugins.people(on_disk(self.office.settings.folder)), ""
        except UnusableDraft as unusable:
            return (), str(unusable)


def _as_run(people: tuple[Person, ...]) -> list[tuple[Any, ...]]:
    """As the store holds them."""
    return sorted((one.name, one.email or "", one.phone or "", one.absent) for one in people)
