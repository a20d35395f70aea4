"""« Utilisateurs »: who may use the server, what each may do, and who is invited."""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relance.access_role import AccessRole
from server.access import entries
from server.access.accounts import Account
from server.access.actor import Actor
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.roles import MEANING, words
from server.reports import french
from server.reports.team import state
from server.store.instants import from_micros
from server.web.frame import Flash, Frame, done
from server.web.page import Access, Page, number
from server.web.posted import Posted, posted

PATH = "/utilisateurs"
_HERE, _TITLE = "utilisateurs", "Utilisateurs"


class TeamAccounts:
    """Shows accounts, and changes them."""

    def __init__(self, access: AccessControl, address: Callable[[], str], frame: Frame) -> None:
        self._access, self._team, self._frame = access, access.team, frame
        self._address = address
        self._deeds: Mapping[str, Callable[[Actor, int, Posted], Awaitable[str]]] = {
            "roles": self._roles,
            "fermer": self._close,
            "rouvrir": self._reopen,
            "sessions": self._sessions,
            "facteur": self._factor,
            "cles": self._no_keys,
            "delier": self._unbind,
        }

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        both = ("GET", "POST")
        yield Page(PATH, Access.ADMINISTER, self.page, both, recent=True)
        yield Page(PATH + "/{compte}", Access.ADMINISTER, self.one, both, recent=True)

    async def page(self, request: Request) -> Response:
        """Everybody; and the form that invites."""
        if request.method != "POST":
            return await self._shown(request)
        form = await posted(request)
        ticked = form.several("roles")
        try:
            given = entries.roles(ticked)
            account, path = await self._team.invite(
                request.state.caller.actor, form.text("courriel"), form.text("nom"), given
            )
        except EntryRefused as wrong:
            typed = {"name": form.text("nom"), "email": form.text("courriel"), "ticked": ticked}
            return await self._shown(request, wrong, typed)
        return await self._shown(request, link=self._address() + path, invited=account)

    async def _shown(
        self,
        request: Request,
        wrong: EntryRefused | None = None,
        typed: Mapping[str, object] | None = None,
        link: str = "",
        invited: Account | None = None,
    ) -> Response:
        people = [
            {"account": one, "roles": words(one.roles), "state": state(one)}
            for one in await self._team.everybody()
        ]
        return self._frame.page(
            request,
            "team_accounts.html",
            here=_HERE,
            title=_TITLE,
            status=422 if wrong else 200,
            people=people,
            roles=[(role, MEANING[role]) for role in AccessRole],
            typed=typed or {"name": "", "email": "", "ticked": [AccessRole.READ.code]},
            errors={wrong.field: wrong.message} if wrong else {},
            link=link,
            invited=invited,
        )

    async def one(self, request: Request) -> Response:
        """One account, and what may be done of it."""
        who = number(request, "compte")
        if who is None or await self._team.of(who) is None:
            raise HTTPException(404)
        if request.method != "POST":
            return await self._one(request, who)
        form, actor = await posted(request), request.state.caller.actor
        deed = form.text("faire")
        try:
            if deed == "lien":
                link = self._address() + await self._team.new_link(actor, who)
                return await self._one(request, who, link=link)
            if deed not in self._deeds:
                raise HTTPException(404)
            what = await self._deeds[deed](actor, who, form)
        except EntryRefused as wrong:
            return await self._one(request, who, wrong)
        return done(f"{PATH}/{who}", Flash(_DONE[what]))

    async def _roles(self, actor: Actor, who: int, form: Posted) -> str:
        await self._team.give_roles(actor, who, entries.roles(form.several("roles")))
        return "roles"

    async def _close(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.close(actor, who)
        return "ferme"

    async def _reopen(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.reopen(actor, who)
        return "rouvert"

    async def _sessions(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.end_sessions(actor, who)
        return "sessions"

    async def _factor(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.remove_factor(actor, who)
        return "facteur"

    async def _unbind(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.unbind(actor, who)
        return "delier"

    async def _no_keys(self, actor: Actor, who: int, _: Posted) -> str:
        await self._team.remove_keys(actor, who)
        return "cles"

    async def _one(
        self, request: Request, who: int, wrong: EntryRefused | None = None, link: str = ""
    ) -> Response:
        account = await self._team.of(who)
        if account is None:
            raise HTTPException(404)
        return self._frame.page(
            request,
            "team_account.html",
            here=_HERE,
            title=account.name,
            trail=((_TITLE, PATH),),
            status=422 if wrong else 200,
            account=account,
            state=state(account),
            created=french.instant(from_micros(account.created_at), self._frame.zone),
            roles=[(role, MEANING[role]) for role in AccessRole],
            errors={wrong.field: wrong.message} if wrong else {},
            link=link,
            identity=await self._access.provider.identity(who),
            provider=self._access.provider.name,
        )


_DONE = {
    "roles": "Les rôles sont changés\u00a0; ils valent dès la prochaine page.",
    "ferme": "Le compte est fermé, et partout déconnecté.",
    "rouvert": "Le compte est rouvert\u00a0: son mot de passe est le même.",
    "sessions": "Ce compte est déconnecté partout.",
    "delier": "Son compte n’est plus relié au fournisseur d’identité, et il est partout déconnecté.",
    "cles": "Ses clés d’accès sont retirées, et le compte partout déconnecté.",
    "facteur": "Le second facteur est retiré, et le compte partout déconnecté.",
}
