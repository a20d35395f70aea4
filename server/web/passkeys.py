"""The passkeys of one's own account: add one, see when it served, remove it."""

from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.access.browsers import browser_name
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.web.frame import Flash, Frame, done
from server.web.guard import PageGuard
from server.web.my_account import PATH as ACCOUNT
from server.web.my_account import TITLE, recovery_codes
from server.web.page import Access, Page, number
from server.web.passkey_door import answer_of, challenge
from server.web.posted import posted

PATH = f"{ACCOUNT}/cles"


class PasskeyPages:
    """What each does of their own keys; all of it asks for a recent sign-in."""

    def __init__(self, access: AccessControl, guard: PageGuard, frame: Frame) -> None:
        self._access, self._own, self._guard = access, access.own_keys, guard
        self._frame = frame

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        mine, both = Access.SIGNED_IN, ("GET", "POST")
        yield Page(PATH, mine, self.add, both, recent=True)
        yield Page(f"{PATH}/defi", mine, self.ask, ("POST",), recent=True)
        yield Page(PATH + "/{cle}/retirer", mine, self.remove, both, recent=True)

    async def ask(self, request: Request) -> Response:
        """What the browser is asked so that it makes a key."""
        token = self._guard.session_token(request)
        return challenge(await self._own.ask(request.state.caller, token))

    async def add(self, request: Request) -> Response:
        """The form; then the key, under the name one gave it."""
        if request.method != "POST":
            named = browser_name(request.headers.get("user-agent", ""))
            return self._form(request, named)
        form, caller = await posted(request), request.state.caller
        token = self._guard.session_token(request)
        try:
            codes = await self._own.add(caller, token, form.text("nom"), answer_of(form))
        except EntryRefused as wrong:
            return self._form(request, form.text("nom"), wrong)
        if codes:
            return recovery_codes(self._frame, request, codes, added=True)
        return done(ACCOUNT, Flash("La clé d’accès est ajoutée\u00a0: elle sert dès maintenant."))

    def _form(self, request: Request, name: str, wrong: EntryRefused | None = None) -> Response:
        return self._frame.page(
            request,
            "passkey_add.html",
            here="compte",
            title="Ajouter une clé d’accès",
            trail=((TITLE, ACCOUNT),),
            status=422 if wrong else 200,
            lacking=self._access.keys.lacking,
            name=name,
            errors={wrong.field: wrong.message} if wrong else {},
        )

    async def remove(self, request: Request) -> Response:
        """The question; then it is done."""
        caller, which = request.state.caller, number(request, "cle")
        key = await self._own.one_of(caller, which) if which is not None else None
        if key is None:
            raise HTTPException(404)
        if request.method == "POST":
            await self._own.remove(caller, key)
            return done(
                ACCOUNT,
                Flash(
                    f"La clé «\u00a0{key.name}\u00a0» est retirée\u00a0: elle n’ouvre plus rien."
                ),
            )
        alone = caller.account.keys == 1 and caller.account.factor is None
        return self._frame.page(
            request,
            "passkey_remove.html",
            here="compte",
            title="Retirer une clé d’accès",
            trail=((TITLE, ACCOUNT),),
            key=key,
            alone=alone,
        )
