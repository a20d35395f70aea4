"""« Mon compte »: one's name, password, second factor, and the browsers where one is signed in."""

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.access_role import AccessRole
from server.access import roles
from server.access.accounts import Account
from server.access.browsers import browser_name
from server.access.callers import Requester
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.reports import french
from server.store.instants import Micros, from_micros
from server.web.frame import Flash, Frame, done
from server.web.guard import PageGuard, whence_of
from server.web.page import Access, Page
from server.web.posted import Posted, posted

PATH = "/compte"
TITLE = "Mon compte"


class MyAccount:
    """What each does of their own account."""

    def __init__(self, access: AccessControl, guard: PageGuard, frame: Frame) -> None:
        self._own, self._guard, self._frame = access.own, guard, frame
        self._keys, self._entry = access.own_keys, access.keys
        self._provider = access.provider

    def pages(self) -> Iterator[Page]:
        """Where they are: what opens the account asks for a recent sign-in."""
        mine, post = Access.SIGNED_IN, ("POST",)
        yield Page(PATH, mine, self.page)
        yield Page(f"{PATH}/nom", mine, self.rename, post)
        yield Page(f"{PATH}/mot-de-passe", mine, self.password, post)
        yield Page(f"{PATH}/sessions", mine, self.end, post)
        yield Page(f"{PATH}/facteur", mine, self.factor, ("GET", "POST"), recent=True)
        yield Page(f"{PATH}/facteur/retirer", mine, self.no_factor, post, recent=True)
        yield Page(f"{PATH}/codes", mine, self.codes, ("GET", "POST"), recent=True)

    async def page(self, request: Request) -> Response:
        """One form a thing, each answered on its own."""
        return await self._shown(request)

    async def _shown(
        self, request: Request, wrong: EntryRefused | None = None, name: str | None = None
    ) -> Response:
        caller: Requester = request.state.caller
        account, session = caller.account, caller.session
        if account is None or session is None:
            raise HTTPException(404)
        browsers = [
            {
                "id": one.id,
                "here": one.id == session.id,
                "name": browser_name(one.browser),
                "address": one.address,
                "began": french.instant(from_micros(one.created_at), self._frame.zone),
                "seen": french.instant(from_micros(one.seen_at), self._frame.zone),
            }
            for one in await self._own.browsers(caller)
        ]
        return self._page(
            request,
            "my_account.html",
            status=422 if wrong else 200,
            account=account,
            name=account.name if name is None else name,
            roles=roles.words(account.roles),
            browsers=browsers,
            keys=await self._keys_of(account),
            lacking=self._entry.lacking,
            provider=self._provider.name,
            identity=await self._provider.identity(account.id),
            tells=AccessRole.ADMINISTER in account.roles,
            errors={wrong.field: wrong.message} if wrong else {},
        )

    async def rename(self, request: Request) -> Response:
        """Be called so."""
        form = await posted(request)
        try:
            await self._own.rename(request.state.caller, form.text("nom"))
        except EntryRefused as wrong:
            return await self._shown(request, wrong, form.text("nom"))
        return _back("nom")

    async def password(self, request: Request) -> Response:
        """Another password: every other browser is signed out."""
        form = await posted(request)
        new = (form.text("actuel"), form.text("mot_de_passe"), form.text("encore"))
        try:
            token = await self._own.change_password(request.state.caller, *new, whence_of(request))
        except EntryRefused as wrong:
            return await self._shown(request, wrong)
        return self._guard.let_in(_back("mot-de-passe"), token)

    async def end(self, request: Request) -> Response:
        """Sign a browser out: the one named, or all but this one."""
        which = (await posted(request)).text("session")
        if which and (not which.isdecimal() or len(which) > 18):
            raise HTTPException(404)
        await self._own.end(request.state.caller, int(which) if which else None)
        return _back("sessions")

    async def factor(self, request: Request) -> Response:
        """Add the second factor: a picture to read, then the code that proves it was."""
        caller: Requester = request.state.caller
        if request.method != "POST":
            return self._offer(request, caller)
        form = await posted(request)
        try:
            codes = await self._own.add_factor(caller, form.text("offre"), form.text("code"))
        except EntryRefused as wrong:
            return self._offer(request, caller, form, wrong)
        return recovery_codes(self._frame, request, codes, added=True)

    def _offer(
        self,
        request: Request,
        caller: Requester,
        form: Posted | None = None,
        wrong: EntryRefused | None = None,
    ) -> Response:
        """The same secret as long as the form is corrected: it may be in the telephone already."""
        offer = form.text("offre") if form is not None else ""
        known = self._own.offered(caller, offer) if offer else None
        secret, offer, picture = (
            (known[0], offer, known[1]) if known else self._own.offer_factor(caller)
        )
        return self._page(
            request,
            "second_factor.html",
            "Ajouter un second facteur",
            status=422 if wrong else 200,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            offer=offer,
            # Drawn by us of a secret and an address, its text escaped.
            picture=Markup(picture),  # noqa: S704
            errors={wrong.field: wrong.message} if wrong else {},
        )

    async def no_factor(self, request: Request) -> Response:
        """Remove it."""
        await self._own.remove_factor(request.state.caller)
        return _back("facteur")

    async def codes(self, request: Request) -> Response:
        """Make other recovery codes."""
        if request.method != "POST":
            return RedirectResponse(PATH, 303)
        try:
            codes = await self._own.new_codes(request.state.caller)
        except EntryRefused as wrong:
            return await self._shown(request, wrong)
        return recovery_codes(self._frame, request, codes, added=False)

    async def _keys_of(self, account: Account) -> Sequence[dict[str, object]]:
        """Each as the page tells it; one bound to another name of the server opens nothing here."""
        zone, name = self._frame.zone, self._entry.name

        def when(at: Micros | None) -> str:
            return french.instant(from_micros(at), zone) if at is not None else ""

        return [
            {
                "id": one.id,
                "name": one.name,
                "added": when(one.created_at),
                "used": when(one.used_at),
                "elsewhere": one.rp if name and one.rp != name else "",
            }
            for one in await self._keys.all_of(account.id)
        ]

    def _page(
        self,
        request: Request,
        template: str,
        title: str = TITLE,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        trail = () if title == TITLE else ((TITLE, PATH),)
        return self._frame.page(
            request, template, here="compte", title=title, trail=trail, status=status, **more
        )


def recovery_codes(
    frame: Frame, request: Request, codes: Sequence[str], *, added: bool
) -> Response:
    """The page that shows them, this once."""
    return frame.page(
        request,
        "recovery_codes.html",
        here="compte",
        title="Vos codes de secours",
        trail=((TITLE, PATH),),
        codes=codes,
        added=added,
    )


_DONE = {
    "nom": "Votre nom est changé.",
    "mot-de-passe": "Votre mot de passe est changé\u00a0; les autres navigateurs sont déconnectés.",
    "sessions": "C’est fermé\u00a0: ce navigateur demandera de nouveau le mot de passe.",
    "facteur": "Le code du téléphone n’est plus demandé.",
}


def _back(what: str) -> Response:
    return done(PATH, Flash(_DONE[what]))
