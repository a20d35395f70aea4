"""« Jetons »: what lets other programs in, one an integration."""

from collections.abc import Iterator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole
from server.access import entries
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.integrations import LIVES, OPENED
from server.access.roles import MEANING, words
from server.reports import french
from server.store.instants import Micros, from_micros
from server.web.frame import Flash, Frame, done
from server.web.page import Access, Page, number
from server.web.posted import posted

PATH = "/jetons"
_UNITS = {30: "un mois", 90: "trois mois", 365: "un an"}


class IntegrationTokens:
    """Shows tokens, makes them, revokes them."""

    def __init__(self, access: AccessControl, frame: Frame) -> None:
        self._access, self._tokens, self._frame = access, access.integrations, frame

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        yield Page(PATH, Access.ADMINISTER, self.page, ("GET", "POST"), recent=True)
        revoke = PATH + "/{numero}/revoquer"
        yield Page(revoke, Access.ADMINISTER, self.revoke, ("POST",), recent=True)

    async def page(self, request: Request) -> Response:
        """All of them; and the form that makes one."""
        if request.method != "POST":
            return await self._shown(request)
        form = await posted(request)
        ticked, life = form.several("roles"), form.text("duree")
        try:
            given = entries.roles(ticked)
            days = int(life) if life in map(str, LIVES) else 0
            token = await self._tokens.create(
                request.state.caller.actor, form.text("nom"), given, days
            )
        except EntryRefused as wrong:
            typed = {"name": form.text("nom"), "ticked": ticked, "life": life}
            return await self._shown(request, wrong, typed)
        return await self._shown(request, token=token)

    async def revoke(self, request: Request) -> Response:
        """That token opens nothing more."""
        which = number(request, "numero")
        try:
            await self._tokens.revoke(request.state.caller.actor, which or 0)
        except EntryRefused as wrong:
            raise HTTPException(404) from wrong
        return done(PATH, Flash("Le jeton est révoqué\u00a0: il n’ouvre plus rien."))

    async def _shown(
        self,
        request: Request,
        wrong: EntryRefused | None = None,
        typed: Mapping[str, object] | None = None,
        token: str = "",
    ) -> Response:
        now = self._access.register.now()
        tokens = [
            {
                "id": one.id,
                "name": one.name,
                "roles": words(one.roles),
                "state": one.state(now),
                "by": one.created_by,
                "expires": self._day(one.expires_at),
                "used": "jamais" if one.used_at is None else self._day(one.used_at),
            }
            for one in await self._tokens.everything()
        ]
        return self._frame.page(
            request,
            "integration_tokens.html",
            here="jetons",
            title="Jetons",
            status=422 if wrong else 200,
            tokens=tokens,
            token=token,
            roles=[(role, MEANING[role]) for role in OPENED],
            lives=[(str(days), _UNITS[days]) for days in LIVES],
            typed=typed or {"name": "", "ticked": [AccessRole.READ.code], "life": "90"},
            errors={wrong.field: wrong.message} if wrong else {},
        )

    def _day(self, instant: Micros) -> str:
        return french.instant(from_micros(instant), self._frame.zone)
