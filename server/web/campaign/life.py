"""The life of a campaign, asked before it is done: what a pause, a resume or an archive does to whom.

Each order is a page with one form, which a script shows as a dialog; sent without it, it is the same.
What can be taken back is offered so on the page that follows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dsl.language.fr import values
from relance.french import quoted
from relance.values import Duration
from server.engine.life import deciding
from server.engine.life.resuming import How, span_of
from server.engine.life.state import State
from server.orders import crowds
from server.orders.declined import Declined
from server.orders.reason import AT_MOST, too_long
from server.reports.campaigns import overdue_report
from server.reports.lateness import overdue_rows
from server.reports.performance.listing import CampaignSummary
from server.reports.screen import screen
from server.store.instants import now_micros
from server.web.frame import Flash, done
from server.web.office import Office, posted
from server.web.page import Access, Page

PATH = "/campagnes/{campagne}/"


@dataclass(frozen=True, slots=True)
class LifeOrder:
    """Something the team decides of a campaign. `undo`: the order that takes it back, if one does."""

    title: str
    button: str
    effects: tuple[tuple[str, str], ...]
    undo: str = ""
    grave: bool = False


ORDERS: Mapping[str, LifeOrder] = {
    "activer": LifeOrder(
        "Activer",
        "Activer",
        (
            ("check", "Qui répond à ses entrées y entre dès maintenant."),
            ("person", "Ceux pour qui un état de ses entrées est déjà vrai y entrent aussitôt."),
        ),
        undo="pause",
    ),
    "pause": LifeOrder(
        "Mettre en pause",
        "Mettre en pause",
        (
            ("pause", "Personne n’y entre, personne n’y avance, rien n’en part."),
            ("person", "Ceux qui y sont y restent ; leurs attentes gardent leurs dates."),
            ("hourglass", "Ce qui vient à échéance d’ici là attend la reprise, où vous choisirez."),
        ),
        undo="reprendre",
    ),
    "reprendre": LifeOrder(
        "Reprendre",
        "Reprendre",
        (("play", "Elle repart : on y entre, on y avance, les messages partent de nouveau."),),
        undo="pause",
    ),
    "archiver": LifeOrder(
        "Archiver",
        "Archiver",
        (
            ("door", "Tous ceux qui y sont en sortent, sans réussite ni échec."),
            ("message", "Plus rien n’en part."),
            ("archive", "Son histoire est gardée ; la restaurer la rend, vide et en pause."),
        ),
        grave=True,
    ),
    "restaurer": LifeOrder(
        "Restaurer",
        "Restaurer",
        (("undo", "Elle revient vide, en pause, avec son histoire."),),
    ),
}
#: The state in which an order leaves a campaign, of those that may be taken back.
_MAKES = {"activer": State.ACTIVE, "pause": State.PAUSED, "reprendre": State.ACTIVE}
#: What may become of what is overdue, and the hint of each.
PLANS: Mapping[How, tuple[str, str]] = {
    How.ALL: ("Tout de suite", "Tout ce qui est en retard part ou avance aussitôt."),
    How.SPREAD: ("Étaler", "Sur la durée dite ci-dessous, les plus anciens d’abord."),
    How.SKIP: (
        "Sauter les plus vieux",
        "Ce qui a plus de retard que la durée ci-dessous ne part pas.",
    ),
    How.SHIFT: ("Tout décaler", "Chaque attente est repoussée de la durée de la pause."),
}
#: Of how many may enter, as a form says it.
_DIGITS = 9
_SPANNED = (How.SPREAD, How.SKIP)
#: The fields that a refusal may be about.
_BESIDE = ("comment", "duree")


@dataclass(frozen=True, slots=True)
class CampaignLife:
    """Asks, and does."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Who publishes decides what runs."""
        yield Page(PATH + "{ordre}", Access.PUBLISH, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """The question; or what was answered, done."""
        name = request.path_params["ordre"]
        order = ORDERS.get(name)
        if order is None:
            raise HTTPException(404)
        campaign = await self.office.campaign(request)
        if request.method == "POST":
            return await self._do(request, name, campaign)
        if not _changes(campaign, name):  # by going back, say
            so = f"La campagne {quoted(campaign.name)} est déjà {campaign.state.label}."
            return done(f"/campagnes/{campaign.id}", Flash(so))
        return await self._ask(request, name, campaign)

    async def _ask(
        self, request: Request, name: str, campaign: CampaignSummary, **given: Any
    ) -> Response:
        async with self.office.store.read() as conn:
            row = await deciding.find(conn, campaign.name)
        clock, zone = self.office.clock, self.office.settings.zone
        entering = await crowds.crowd(self.office.store, row, name, clock.now(), zone)
        late = None
        if name == "reprendre":
            async with self.office.store.read() as conn:
                rows = await overdue_rows(conn, campaign.id, now_micros(self.office.clock))
            late = (
                screen(overdue_report(rows, self.office.glossary), self.office.settings.zone)
                if rows
                else None
            )
        values_ = {
            "why": "",
            "how": How.ALL.value,
            "span": "",
            "wrong": {},
            "allowed": "",
            "since": "",
            "status": 200,
        }
        return self.office.frame.page(
            request,
            "life.html",
            here="campagnes",
            title=ORDERS[name].title,
            trail=_trail(campaign),
            campaign=campaign,
            name=name,
            order=ORDERS[name],
            late=late,
            entering=entering,
            asked=entering > self.office.settings.entering,
            plans={how.value: words for how, words in PLANS.items()},
            longest=AT_MOST,
            **{**values_, **given},
        )

    async def _do(self, request: Request, name: str, campaign: CampaignSummary) -> Response:
        fields = await posted(request)
        why = fields.get("pourquoi", "").strip()
        how, span = fields.get("comment", ""), fields.get("duree", "").strip()
        given = {"campagne": campaign.name, "pourquoi": why}
        allowed = fields.get(crowds.ALLOWED, "")
        if allowed.isdecimal() and len(allowed) <= _DIGITS:
            given[crowds.ALLOWED] = allowed
        typed = {"why": why, "how": how or How.ALL.value, "span": span, "allowed": allowed}
        typed["since"] = "liste" if fields.get("depuis") == "liste" else ""
        wrong = {"pourquoi": too_long(why)} if too_long(why) else {}
        if how:
            plan, refused = _plan(how, span)
            given |= plan
            wrong |= refused
        if not wrong:
            try:
                words = await self.office.order(request, name, given)
            except Declined as declined:
                if declined.about == "comment" and not how:
                    # What is overdue is to be looked at first.
                    return RedirectResponse(f"/campagnes/{campaign.id}/reprendre", 303)
                # Beside its field, if the form has it; else above all of them.
                wrong = {declined.about if declined.about in _BESIDE else "": str(declined)}
            else:
                undo = ORDERS[name].undo if _changes(campaign, name) else ""
                flash = Flash(words, f"/campagnes/{campaign.id}/{undo}" if undo else "")
                return done(_back(fields, campaign), flash)
        return await self._ask(request, name, campaign, wrong=wrong, status=409, **typed)


def _plan(how: str, span: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What is to become of what is overdue, as the order takes it; by field, why it is not said."""
    if how not in {one.value for one in PLANS}:
        return {}, {"comment": "Choisissez ce que devient ce qui est en retard."}
    if How(how) not in _SPANNED:
        return {"comment": how}, {}
    found = values.duration(span)
    if not isinstance(found, Duration):
        return {}, {"duree": "Dites une durée : «\u00a010 heures\u00a0», «\u00a02 jours\u00a0»."}
    return {"comment": how, "duree": str(span_of(found))}, {}


def _changes(campaign: CampaignSummary, name: str) -> bool:
    """Whether the order changed anything: what was so already is nothing to take back."""
    return campaign.state.phase is not None or campaign.state.state is not _MAKES.get(name)


def _back(fields: Mapping[str, str], campaign: CampaignSummary) -> str:
    """To the list, for who switched there; else to the campaign."""
    return "/campagnes" if fields.get("depuis") == "liste" else f"/campagnes/{campaign.id}"


def _trail(campaign: CampaignSummary) -> tuple[tuple[str, str], ...]:
    return (("Campagnes", "/campagnes"), (campaign.name, f"/campagnes/{campaign.id}"))
