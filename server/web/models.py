"""The library: ready campaigns by family, one of which becomes the team’s own; and clones of its own."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import StoreUnavailable
from relance.fold import fold
from server.campaign_library.cloning import DOUBLED, original, tried
from server.campaign_library.copying import Copy, NotCopied
from server.campaign_library.models import Model, message_name, the_campaign
from server.campaign_library.shelf import ModelShelf
from server.orders import shelving
from server.orders.declined import Declined
from server.publication.unusable import UnusableDraft
from server.web.frame import Flash, done
from server.web.limits import WHOLE
from server.web.office import Office, posted
from server.web.page import Access, Page
from server.web.posted import posted as posted_form
from server.web.scripts import PATH as SCRIPTS
from server.web.sketch import Sketch, sketch

PATH = "/bibliotheque"
_LONGEST = 100
#: A name without any of them is spelled: it is made of initials.
_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Offered:
    """A model, by all the channels it is written for."""

    name: str
    family: str
    campaign: str
    description: str
    #: Each by its name, and as people read it.
    channels: Sequence[tuple[str, str]]
    messages: Sequence[str]
    needs: Sequence[str]
    sketch: Sketch


@dataclass(slots=True)
class LibraryPages:
    """Shows the models, and makes campaigns of them, or of those there are."""

    office: Office
    shelf: ModelShelf

    def pages(self) -> Iterator[Page]:
        """Who writes makes campaigns: none runs before somebody publishes it."""
        yield Page(PATH, Access.READ, self.shelves)
        yield Page(PATH + "/{modele}", Access.WRITE, self.model, ("GET", "POST"))
        writing = self.office.writing
        yield Page("/nouvelle-campagne", writing, self.blank, ("GET", "POST"), most=WHOLE)
        yield Page("/campagnes/{campagne}/cloner", Access.WRITE, self.clone, ("GET", "POST"))

    async def shelves(self, request: Request) -> Response:
        """All the models, family by family."""
        offered = [_offered(tuple(same)) for _, same in groupby(await self.shelf.models(), _name)]
        families = [(name, list(those)) for name, those in groupby(offered, lambda one: one.family)]
        return self.office.frame.page(
            request,
            "library.html",
            here="campagnes",
            title="Bibliothèque",
            trail=(("Campagnes", "/campagnes"),),
            families=families,
        )

    async def model(self, request: Request) -> Response:
        """Under which name one becomes the team’s; then it is."""
        wanted = request.path_params["modele"]
        variants = [one for one in await self.shelf.models() if one.name == wanted]
        if not variants:
            raise HTTPException(404)
        own = variants[0].campaign
        values: dict[str, Any] = {"channel": variants[0].channel}
        refused = ""
        if request.method == "POST":
            fields = await posted(request)
            values = {
                "name": fields.get("nom", "").strip(),
                "channel": fields.get("canal", ""),
            }
            chosen = [one for one in variants if one.channel == values["channel"]] or variants
            made = await self._written(lambda: chosen[0], values["name"])
            if isinstance(made, Copy):
                return _made(made)
            refused = made
        else:
            values["name"] = await self.shelf.free_name(own)
        return self.office.frame.page(
            request,
            "model.html",
            here="campagnes",
            title=f"Utiliser «\u00a0{own}\u00a0»",
            trail=(("Campagnes", "/campagnes"), ("Bibliothèque", PATH)),
            status=409 if refused else 200,
            model=_offered(tuple(variants)),
            refused=refused,
            longest=_LONGEST,
            **values,
        )

    async def blank(self, request: Request) -> Response:
        """Under which name a campaign begins, from nothing or from a text; then it does."""
        name = text = refused = ""
        if request.method == "POST":
            fields = await posted(request)
            name, text = fields.get("nom", "").strip(), fields.get("texte", "")
            try:
                file = await self.shelf.begin(name, text)
            except NotCopied as wrong:
                refused = str(wrong)
            else:
                words = "La campagne est dans le brouillon : personne n’y entre avant que vous ne publiiez."
                return done(f"{SCRIPTS}/{quote(file)}", Flash(words))
        return self.office.frame.page(
            request,
            "blank.html",
            here="campagnes",
            title="Nouvelle campagne",
            trail=(("Campagnes", "/campagnes"), ("Bibliothèque", PATH)),
            status=409 if refused else 200,
            name=name,
            text=text,
            refused=refused,
            longest=_LONGEST,
        )

    async def clone(self, request: Request) -> Response:
        """Under which name a campaign is copied, and with what of it; then it is."""
        campaign = await self.office.campaign(request)
        values: dict[str, Any] = {
            "name": "",
            "scenarios": True,
            "chosen": (),
        }
        refused = ""
        if request.method == "POST":
            form = await posted_form(request)
            values = {
                "name": form.text("nom"),
                "scenarios": "scenarios" in form.data,
                "chosen": form.several("message"),
            }
            made = await self._written(
                lambda: self._original(campaign.name, values["chosen"], values["scenarios"]),
                values["name"],
            )
            if isinstance(made, Copy):
                more = await self._shelved(request, campaign.name, made.campaign)
                return _made(made, f" {DOUBLED}{more}")
            refused = made
        else:
            values["name"] = await self.shelf.free_name(f"{campaign.name}, copie")
        return self.office.frame.page(
            request,
            "clone.html",
            here="campagnes",
            title="Cloner",
            trail=(("Campagnes", "/campagnes"), (campaign.name, f"/campagnes/{campaign.id}")),
            status=409 if refused else 200,
            campaign=campaign,
            sent=await self._sent(campaign.name),
            tried=await self._tried(campaign.name),
            doubled=DOUBLED,
            refused=refused,
            longest=_LONGEST,
            **values,
        )

    async def _shelved(self, request: Request, campaign: str, copy: str) -> str:
        """Put the copy where the campaign is; why it is not, which keeps no copy from being made."""
        try:
            await self.office.order(request, shelving.COPY, {"campagne": campaign, "nom": copy})
        except (Declined, StoreUnavailable) as wrong:
            why = str(wrong) if isinstance(wrong, Declined) else "la base ne répond pas."
            return f" Elle n’est pas rangée : {why}"
        return ""

    def _original(self, name: str, messages: Sequence[str] | None, scenarios: bool) -> Model:
        """What the clone is made from; `messages`: those it has of its own, None for all."""
        folder, catalogue = self.office.settings.folder, self.office.catalogue
        given = {"with_scenarios": scenarios, "with_messages": messages is None or bool(messages)}
        return original(folder, name, catalogue, only=messages or None, **given)

    async def _sent(self, name: str) -> Sequence[tuple[str, str]]:
        """The messages that the draft of the campaign sends: the path of each, and its name."""
        try:
            model = await asyncio.to_thread(self._original, name, None, False)
        except (NotCopied, UnusableDraft):
            return ()
        return [(path, message_name(path, text)) for path, text in model.messages.items()]

    async def _tried(self, name: str) -> int:
        """How many scenarios try the campaign."""
        office = self.office
        try:
            return await asyncio.to_thread(tried, office.settings.folder, name, office.catalogue)
        except (NotCopied, UnusableDraft):
            return 0

    async def _written(self, model: Callable[[], Model], name: str) -> Copy | str:
        """The copy, written beside what is there; else why it is not."""
        if len(name) > _LONGEST:
            return f"Ce nom a {len(name)} signes : {_LONGEST} au plus."
        try:
            return await self.shelf.copy(model, name)
        except NotCopied as refused:
            return str(refused)


def _made(copy: Copy, more: str = "") -> Response:
    words = (
        f"«\u00a0{copy.campaign}\u00a0» est à vous, dans le brouillon. Changez-en ce que vous voulez, "
        "essayez-la, puis publiez : d’ici là, personne n’y entre."
    )
    return done(f"{SCRIPTS}/{quote(copy.script)}", Flash(f"{words}{more}"))


def _name(one: Model) -> str:
    return one.name


def channel_words(name: str) -> str:
    """« Courriel », « SMS »: a channel of the library, as people read it."""
    return name.upper() if _VOWELS.isdisjoint(fold(name)) else name[:1].upper() + name[1:]


def _offered(variants: tuple[Model, ...]) -> Offered:
    first = variants[0]
    return Offered(
        first.name,
        first.family,
        first.campaign,
        first.description,
        [(one.channel, channel_words(one.channel)) for one in variants],
        [message_name(*each) for each in first.messages.items()],
        first.named("formulaire"),
        sketch(the_campaign(first.script)),
    )
