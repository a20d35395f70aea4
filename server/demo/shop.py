"""The pages of the demonstration: the shop, the mailbox, the journeys, the clock's buttons."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from relance.events import CUSTOM, PAGE_VISITED, NewEvent
from relance.host import Identities, Incoming
from server.demo.mailbox import DemoMailbox, Received
from server.http.pages import environment
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.ledger import Readable
from server.reports.people import latest_leads
from server.web.assets import content
from server.web.journeys import Journeys
from server.web.page import number

_PAGES = Path(__file__).parent / "pages"
_COOKIE = "relance_visiteur"
_SECURITY = {
    "content-security-policy": "default-src 'self'; form-action *; frame-ancestors 'self'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    # Never « no-referrer » on a page with a form: the browser would post `Origin: null`.
    "referrer-policy": "strict-origin",
}
#: An e-mail is shown as a stranger: no script, no form, nothing fetched but pictures.
_LETTER = {
    "content-security-policy": "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src *; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}

#: The pages that e-mails lead to: title and words.
PAGES: Mapping[str, tuple[str, str]] = {
    "merci": ("Merci !", "Vous voilà inscrite ou inscrit. Un premier courriel est déjà en route."),
    "guide": (
        "Bien choisir son vélo",
        "La bonne taille d’abord, le bon pneu ensuite, le prix à la fin.",
    ),
    "essai": ("Votre essai", "C’est noté : un vélo à votre taille vous attendra."),
    "panier": ("Votre panier", "Tout est là, comme vous l’aviez laissé."),
    "cadeau": (
        "Votre cadeau",
        "Une sonnette, une trousse ou une mise au point : à vous de choisir.",
    ),
    "rendez-vous": (
        "Votre rendez-vous",
        "L’atelier vous attend : un quart d’heure suffit souvent.",
    ),
    "sorties": ("Nos sorties", "Le dimanche à 9 h, sans se presser, café compris."),
    "conseil": (
        "Demander conseil",
        "Dites-nous où, combien et avec qui ; nous répondons le jour même.",
    ),
    "liste": ("Votre liste", "Cochez ce qui vous plaît ; nous la gardons au comptoir."),
    "soldes": ("Nos soldes", "Les mêmes prix qu’en magasin, jusqu’à la fin du mois."),
    "vendredi-fou": ("Vendredi fou", "Trois articles au prix coûtant, trois jours."),
    "entretien": ("Conseils d’entretien", "Une goutte d’huile, un peu d’air, et un chiffon."),
    "nouveautes": ("Nos préférés", "Un bon cadenas, une lumière qui se voit, des garde-boue."),
    "soiree": ("Votre place", "C’est noté : la porte sera entrouverte."),
    "contact": ("Gardons le contact", "C’est entendu : nous continuerons de vous écrire."),
    "avis": ("Votre avis", "Une ou deux phrases suffisent, et les réserves sont bienvenues."),
    "nous-joindre": ("Nous joindre", "Rue Beaubien, du mardi au samedi, de 10 h à 18 h."),
}


_REFUSALS: Mapping[int, tuple[str, str]] = {
    400: ("Demande illisible", "Revenez à la boutique et recommencez."),
    404: ("Page introuvable", "La boutique n’a pas de page à cette adresse."),
    405: ("Demande illisible", "Cette page se lit, elle ne reçoit rien."),
}
#: What a journey is shown with, as the server's own page of it; and the icon of the server's pages.
_SHARED = {
    "vif.js": ("server.web", "pages", "text/javascript"),
    "journeys.css": ("server.web", "look/css", "text/css"),
    "favicon.svg": ("server.http", "pages", "image/svg+xml"),
}
#: What leads to the interface.
WAY_IN = "/interface"
#: How far the clock may be moved at once, in hours.
_HOURS = re.compile(r"[0-9]{1,3}")
#: What an item of the shop may cost.
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Shop:
    """What the pages show and drive."""

    store: Readable
    mailbox: DemoMailbox
    now: Callable[[], datetime]
    skip: Callable[[timedelta], Awaitable[None]]
    record: Callable[[Incoming], Awaitable[object]]
    server_url: str
    way_in: Callable[[], Awaitable[str]]
    shop_url: str
    folder: Path
    curl: str
    zone: ZoneInfo
    glossary: Glossary


def shop_app(shop: Shop) -> Starlette:
    """The web application of the demonstration."""
    pages = _Pages(shop)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/courriels", pages.mail),
            Route("/courriels/{number}", pages.mail),
            Route("/courriels/{number}/html", pages.letter),
            Route("/parcours", pages.journey),
            Route("/parcours/{lead}", pages.journey),
            Route(WAY_IN, pages.way_in),
            Route("/avancer", pages.skip, methods=["POST"]),
            Route("/evenement", pages.event, methods=["POST"]),
            Route("/{name:str}", pages.page),
        ],
        exception_handlers={HTTPException: pages.refused},
    )


class _Pages:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._templates = environment("server.demo", "server.web")
        self._journeys = Journeys(shop.store, shop.glossary, shop.zone)

    async def home(self, request: Request) -> Response:
        known = _COOKIE in request.cookies or bool(await self._leads())
        return self._render(
            request, "accueil", inscrit=known, curl=self._shop.curl, dossier=self._shop.folder
        )

    async def page(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "style.css":
            return FileResponse(_PAGES / name, headers=_SECURITY)
        if name in _SHARED:
            package, folder, kind = _SHARED[name]
            return Response(content(package, name, folder), 200, _SECURITY, kind)
        if name not in PAGES:
            raise HTTPException(404)
        if _is_visit(request):
            await self._visited(request, name)
        title, words = PAGES[name]
        return self._render(request, "page", titre=title, texte=words)

    async def mail(self, request: Request) -> Response:
        messages = self._shop.mailbox.messages[::-1]
        chosen = self._chosen(request)
        if chosen is None and "number" not in request.path_params and messages:
            chosen = messages[0]
        source = chosen.raw.decode("utf-8", "replace") if chosen else ""
        return self._render(request, "courriels", messages=messages, lu=chosen, source=source)

    async def letter(self, request: Request) -> Response:
        message = self._chosen(request)
        if message is None:
            raise HTTPException(404)
        return HTMLResponse('<base target="_blank">' + message.html, headers=_LETTER)

    def _chosen(self, request: Request) -> Received | None:
        return self._shop.mailbox.get(number(request, "number") or 0)

    async def journey(self, request: Request) -> Response:
        values = await self._journeys.of(number(request, "lead"))
        return self._render(request, "parcours", **values)

    async def skip(self, request: Request) -> Response:
        form = await request.form()
        hours = str(form.get("heures", ""))
        if not _HOURS.fullmatch(hours) or not 0 < int(hours) <= 24 * 31:
            raise HTTPException(400)
        await self._shop.skip(timedelta(hours=int(hours)))
        back = str(form.get("retour", "/"))
        own = back.startswith("/") and not back.startswith(("//", "/\\"))
        return RedirectResponse(back if own else "/", 303)

    async def event(self, request: Request) -> Response:
        """What a shop's own server would post to « /webhooks/events »."""
        form = await request.form()
        what, _, amount = str(form.get("quoi", "")).partition(":")
        if what == "ajout":
            if not _AMOUNT.fullmatch(amount):
                raise HTTPException(400)
            properties = {"montant": float(amount)}
            event = NewEvent(CUSTOM, "Produit ajouté au panier", properties=properties)
        elif what == "paye":
            event = NewEvent(CUSTOM, "Panier payé")
        else:
            raise HTTPException(400)
        await self._record(request, event)
        return RedirectResponse("/parcours", 303)

    async def refused(self, request: Request, error: Exception) -> Response:
        """What is not there, or makes no sense."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        title, words = _REFUSALS.get(status, _REFUSALS[400])
        answer = self._render(request, "page", titre=title, texte=words)
        answer.status_code = status
        return answer

    async def _visited(self, request: Request, name: str) -> None:
        address = f"{self._shop.shop_url}/{name}"
        await self._record(request, NewEvent(PAGE_VISITED, f"/{name}", address))

    async def _record(self, request: Request, event: NewEvent) -> None:
        who = await self._who(request)
        if who is not None:
            await self._shop.record(Incoming("demo", who, events=(event,)))

    async def _who(self, request: Request) -> Identities | None:
        """The visitor by the server's cookie; else the last lead, since one person tries it."""
        visitor = request.cookies.get(_COOKIE)
        if visitor:
            return Identities(visitor=visitor)
        leads = await self._leads()
        return Identities(lead_id=leads[0].id) if leads else None

    async def _leads(self) -> Any:
        async with self._shop.store.read() as conn:
            return await latest_leads(conn, 12)

    async def way_in(self, _: Request) -> Response:
        """To the interface, signed in."""
        return RedirectResponse(await self._shop.way_in(), 303)

    def _render(self, request: Request, page: str, **values: object) -> Response:
        zone = self._shop.zone
        html = self._templates.get_template(f"{page}.html").render(
            page=page,
            serveur=self._shop.server_url,
            interface=WAY_IN,
            boutique=self._shop.shop_url,
            heure=french.instant(self._shop.now(), zone),
            ici=request.url.path,
            compte=french.count,
            quand=lambda at: french.instant(at, zone),
            **values,
        )
        return HTMLResponse(html, headers=_SECURITY)


def _is_visit(request: Request) -> bool:
    """Whether somebody sees the page: not one that looks again by itself, or is prepared ahead."""
    return "relance-vif" not in request.headers and "sec-purpose" not in request.headers
