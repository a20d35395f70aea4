"""« Réglages » : what the project is set to and where from, what may be changed here, each channel tried."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.channel import ChannelTrial, Triable
from relance.errors import ConfigurationError
from relance.setting import SettingKind
from server.orders.declined import Declined
from server.orders.settings import SET
from server.settings import load_settings
from server.settings_sources import SourcedSection, sections
from server.web.frame import Flash, done
from server.web.office import Office
from server.web.page import Access, Page
from server.web.posted import posted

PATH = "/reglages"
#: A channel that takes longer is said to.
_LONGEST_TRIAL = 15


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Shows them."""

    office: Office

    def pages(self) -> Iterator[Page]:
        """Where they are; what changes one asks for a recent password."""
        both = ("GET", "POST")
        yield Page(PATH, Access.ADMINISTER, self.page, both, recent=True)
        yield Page(
            f"{PATH}/essai", Access.ADMINISTER, self.attempt, both, recent=True, form_at=PATH
        )

    async def page(self, request: Request) -> Response:
        """All of them; a form that was sent changes one."""
        if request.method != "POST":
            return await self._shown(request)
        form = await posted(request)
        section, key, typed = form.text("section"), form.text("cle"), form.text("valeur")
        known = {one.schema.section: one.schema for one in await self._sections()}
        setting = known[section].find(key) if section in known else None
        if not known:  # the files cannot be read any more: the page says why
            return await self._shown(request)
        if setting is None:
            raise HTTPException(404)
        secret = setting.kind is SettingKind.SECRET
        if secret and not typed and not form.text("effacer"):
            wrong = {(section, key): ("Écrivez le nouveau, ou effacez celui qui est fixé.", "")}
            return await self._shown(request, wrong=wrong)
        # What is typed in clear, and what the log must not hold, go by different names.
        held = "secret" if secret else "valeur"
        given = {"reglage": f"{section}.{key}".lstrip("."), "section": section, "cle": key}
        try:
            said = await self.office.order(request, SET, {**given, held: typed})
        except Declined as declined:
            kept = "" if secret else typed
            return await self._shown(request, wrong={(section, key): (str(declined), kept)})
        return done(f"{PATH}#s-{section or 'projet'}", Flash(said))

    async def attempt(self, request: Request) -> Response:
        """Try a channel as a message would leave by it, and send nothing."""
        if request.method != "POST":
            return done(PATH, Flash("Choisissez le canal à essayer.", refused=True))
        name = (await posted(request)).text("canal")
        channel = self.office.channels.get(name)
        if not isinstance(channel, Triable):
            raise HTTPException(404)
        try:
            async with asyncio.timeout(_LONGEST_TRIAL):
                found = await channel.attempt()
        except TimeoutError:
            found = ChannelTrial(False, f"Rien n’a répondu en {_LONGEST_TRIAL} secondes.")
        return await self._shown(request, tried={name: found})

    async def _sections(self) -> list[SourcedSection]:
        """None where the files cannot be read."""
        office = self.office
        try:
            found = await asyncio.to_thread(sections, office.settings.folder, office.plugins)
        except ConfigurationError:
            return []
        # What messages leave by is what one comes for.
        return sorted(found, key=lambda one: not one.schema.channel)

    async def _shown(
        self,
        request: Request,
        wrong: Mapping[tuple[str, str], tuple[str, str]] | None = None,
        tried: Mapping[str, ChannelTrial] | None = None,
    ) -> Response:
        return self.office.frame.page(
            request,
            "settings.html",
            here="reglages",
            title="Réglages",
            status=422 if wrong else 200,
            sections=await self._sections(),
            wrong=wrong or {},
            faulty={section or "projet" for section, _ in wrong or ()},
            tried=tried or {},
            triable={
                name for name, one in self.office.channels.items() if isinstance(one, Triable)
            },
            kinds=SettingKind,
            **await asyncio.to_thread(self._pending),
        )

    def _pending(self) -> dict[str, Any]:
        """Whether the files say something else than what runs, or cannot be read."""
        try:
            return {
                "pending": load_settings(self.office.settings.folder) != self.office.settings,
                "unread": "",
            }
        except ConfigurationError as error:
            return {"pending": False, "unread": str(error)}
