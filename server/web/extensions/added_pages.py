"""The pages that extensions add: each where it says, for who it says, its forms checked and logged."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.blocks import Block
from relance.french import quoted
from relance.page_form import FieldValue, FormDone, FormRefused, PageForm
from server.access.register import AccessRegister
from server.plugin_interface import ROOT, AddedPage
from server.reports.performance.campaign import span as in_words
from server.reports.performance.house_view import CountedHouse
from server.reports.performance.offered import ReportAsked
from server.reports.performance.reading import DaySpan
from server.web.extensions.answering import ExtensionFailure, answer_of, failed
from server.web.extensions.drawn import NOTHING_TYPED, TypedForm, drawn
from server.web.extensions.form_values import typed_in, values_of
from server.web.extensions.menu import access_of
from server.web.frame import Flash, done, viewer_of
from server.web.office import Office, actor_of
from server.web.page import Access, Page
from server.web.period import period, presets
from server.web.posted import posted

#: Seconds that a page may take, and what is done with a form.
LONGEST, LONGEST_DOING = 3.0, 10.0
#: Which form of the page was sent.
_FORM = "formulaire"
_SENT = "extension.formulaire"
_HOME = "Extensions"


@dataclass(frozen=True, slots=True)
class AddedPages:
    """Shows them."""

    office: Office
    register: AccessRegister

    def pages(self) -> Iterator[Page]:
        """What there is, then each at its address; it is sent something if it says by whom."""
        yield Page(ROOT, Access.READ, self.home)
        for one in self.office.added.pages:
            writing = one.page.writing
            methods = ("GET", "POST") if writing else ("GET",)
            by = Access[writing.name] if writing else None
            yield Page(one.path, access_of(one), partial(self.page, one), methods, writing=by)

    async def home(self, request: Request) -> Response:
        """All that extensions add to the interface, and whose it is."""
        added = self.office.added
        return self.office.frame.page(
            request,
            "extensions.html",
            here="",
            title="Ce qu’ajoutent les extensions",
            pages=[one for one in added.pages if access_of(one) in viewer_of(request).may],
            reports=added.reports,
            panels=added.panels,
        )

    async def page(self, one: AddedPage, request: Request) -> Response:
        """What it shows; a form that was sent is read, and handed over."""
        days, refused = self._days(one, request)
        body = one.page.body
        answer = await answer_of(one.plugin, body, self._house(days), LONGEST)
        if request.method != "POST":
            return self._shown(one, request, answer, days, refused)
        given = await posted(request)
        form = _form(answer, given.text(_FORM))
        if form is None:
            if isinstance(answer, ExtensionFailure):
                return self._shown(one, request, answer, days, refused)
            raise HTTPException(404)
        typed = typed_in(form, given)
        values, faults = values_of(form, typed)
        kept = TypedForm(form.key, typed, faults)
        if not faults:
            about = f"la page {quoted(one.page.title)}, de l’extension {quoted(one.plugin)}"
            async with self.office.store.write() as conn:
                await self.register.audit.note(conn, actor_of(request), _SENT, about)
            said = await _submitted(one, form, values)
            if isinstance(said, FormDone):
                return done(_again(one, request), Flash(said.words))
            kept = TypedForm(form.key, typed, said.fields, _whole(form, said))
        return self._shown(one, request, answer, days, refused, kept)

    def _shown(
        self,
        one: AddedPage,
        request: Request,
        answer: Sequence[Block] | ExtensionFailure,
        days: DaySpan,
        refused: str,
        kept: TypedForm = NOTHING_TYPED,
    ) -> Response:
        zone = self.office.settings.zone
        failure = isinstance(answer, ExtensionFailure)
        return self.office.frame.page(
            request,
            "extension.html",
            here=one.path,
            title=one.page.title,
            trail=((_HOME, ROOT),),
            status=502 if failure else 422 if refused or kept.key else 200,
            about=one.page.about,
            plugin=one.plugin,
            path=one.path,
            blocks=drawn(answer, one.plugin, zone, forms=one.page.writing is not None),
            kept=kept,
            dated=one.page.dated,
            report=None,
            said="",
            earlier="",
            said_days=in_words(days).capitalize(),
            asked=ReportAsked(days),
            refused=refused,
            presets=[
                (
                    each.title,
                    f"{one.path}?du={each.span.first}&au={each.span.last}&{each.named}",
                    each.current,
                )
                for each in presets(self._today, days, request.query_params)
            ],
        )

    def _days(self, one: AddedPage, request: Request) -> tuple[DaySpan, str]:
        return period(request.query_params if one.page.dated else {}, self._today)

    @property
    def _today(self) -> date:
        return self.office.clock.now().astimezone(self.office.settings.zone).date()

    def _house(self, days: DaySpan) -> CountedHouse:
        office = self.office
        return CountedHouse(
            office.store.read,
            days,
            office.clock.now(),
            office.settings.zone,
            office.store.fields.currency,
            lambda: office.plugins.indicators(office.setup),
        )


def _form(answer: Sequence[Block] | ExtensionFailure, key: str) -> PageForm | None:
    """The form of the page that goes by that key, if it can be sent at all."""
    if isinstance(answer, ExtensionFailure):
        return None
    forms = (one for one in answer if isinstance(one, PageForm) and one.key == key)
    return next((one for one in forms if not any(one.faults())), None)


async def _submitted(
    one: AddedPage, form: PageForm, values: Mapping[str, FieldValue]
) -> FormDone | FormRefused:
    """What the extension answers; that it failed, as a refusal: what was typed is kept."""
    try:
        async with asyncio.timeout(LONGEST_DOING):
            said = await form.submit(values)
        if isinstance(said, FormDone | FormRefused) and all(
            isinstance(one, str) for one in _words(said)
        ):
            return said
        raise TypeError("FormDone ou FormRefused est attendu")
    except TimeoutError:
        why = f"Elle n’a pas répondu en {LONGEST_DOING:g} secondes : rien ne dit ce qui fut fait."
    except Exception as error:
        why = failed(one.plugin, error).why
    return FormRefused(f"Ce formulaire est de l’extension «\u00a0{one.plugin}\u00a0». {why}")


def _words(said: FormDone | FormRefused) -> Sequence[object]:
    if isinstance(said, FormDone):
        return (said.words,)
    return (said.reason, *said.fields, *said.fields.values())


def _whole(form: PageForm, said: FormRefused) -> str:
    """What is said of it all, with what is said of no field that is there: nothing is refused unseen."""
    known = {one.key for one in form.fields}
    others = [why for key, why in said.fields.items() if key not in known]
    return " ".join(filter(None, (said.reason, *others))) or (
        "" if said.fields else "L’extension a refusé, sans dire pourquoi."
    )


def _again(one: AddedPage, request: Request) -> str:
    query = request.url.query
    return f"{one.path}?{query}" if query else one.path
