"""Coming in by a passkey: what a script of the page asks for, and the form that it then sends.

Without that script nothing of it is shown: the password, the telephone and recovery codes remain.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.legible import in_json
from server.access.challenges import HOLDS
from server.access.control import AccessControl
from server.access.opaque import new_token
from server.access.passkey_entry import KeyAnswer
from server.access.signing_in import Admitted
from server.http.exchange import JSON
from server.store.instants import SECOND
from server.web.guard import PROVE, SIGN_IN, PageGuard, door_to, network, onward, whence_of
from server.web.page import Access, Page
from server.web.posted import Posted, posted
from server.web.sign_in import AGAIN_PAGE, CODE, CODE_PAGE, SIGN_IN_PAGE, SignInPages

#: A key's answer, in signs: a certificate may come with it.
LONGEST = 20_000
_KEY, _CODE_KEY, _PROVE_KEY = f"{SIGN_IN}/cle", f"{CODE}/cle", f"{PROVE}/cle"
_ASK = "/defi"


class PasskeyDoor:
    """Lets people in by their keys, and asks for one again before what matters most."""

    def __init__(self, access: AccessControl, guard: PageGuard, doors: SignInPages) -> None:
        self._access, self._keys, self._guard = access, access.keys, guard
        self._doors = doors

    def pages(self) -> Iterator[Page]:
        """Where they are; what each key is asked, one address below."""
        post = ("POST",)
        yield Page(_KEY, Access.ANYBODY, self.enter, post)
        yield Page(_KEY + _ASK, Access.ANYBODY, self.ask_anybody, post)
        yield Page(_CODE_KEY, Access.ANYBODY, self.second, post)
        yield Page(_CODE_KEY + _ASK, Access.ANYBODY, self.ask_second, post)
        yield Page(_PROVE_KEY, Access.SIGNED_IN, self.again, post)
        yield Page(_PROVE_KEY + _ASK, Access.SIGNED_IN, self.ask_again, post)

    async def ask_anybody(self, request: Request) -> Response:
        """A challenge for whoever comes, bound to that browser by a cookie."""
        door = self._guard.door_token(request) or new_token()
        answer = challenge(await self._keys.ask_anybody(door))
        return self._guard.at_the_door(answer, door, HOLDS // SECOND)

    async def ask_second(self, request: Request) -> Response:
        """A challenge for whoever gave the password."""
        return challenge(await self._keys.ask_second(self._guard.session_token(request)))

    async def ask_again(self, request: Request) -> Response:
        """A challenge for whoever is signed in."""
        token = self._guard.session_token(request)
        return challenge(await self._keys.ask_again(request.state.caller, token))

    async def enter(self, request: Request) -> Response:
        """A key alone."""
        form = await posted(request)
        suite, door = onward(form.text("suite")), self._guard.door_token(request)
        found = await self._keys.enter(door, answer_of(form), whence_of(request), network(request))
        if isinstance(found, Admitted):
            return self._guard.let_in(RedirectResponse(suite, 303), found.token)
        return await self._doors.turned_away_by(request, SIGN_IN_PAGE, found, "key_error", suite)

    async def second(self, request: Request) -> Response:
        """A key after the password."""
        form = await posted(request)
        suite, token = onward(form.text("suite")), self._guard.session_token(request)
        found = await self._keys.second(token, answer_of(form), whence_of(request))
        if found is None:  # it took too long, or never began
            return RedirectResponse(door_to(SIGN_IN, suite), 303)
        if isinstance(found, Admitted):
            return self._guard.let_in(RedirectResponse(suite, 303), found.token)
        return await self._doors.turned_away_by(request, CODE_PAGE, found, "key_error", suite)

    async def again(self, request: Request) -> Response:
        """A key instead of the password given again."""
        form = await posted(request)
        suite, token = onward(form.text("suite")), self._guard.session_token(request)
        caller, answer = request.state.caller, answer_of(form)
        found = await self._keys.again(caller, token, answer, whence_of(request))
        if found is None:
            return RedirectResponse(suite, 303)
        return await self._doors.turned_away_by(request, AGAIN_PAGE, found, "key_error", suite)


def challenge(asked: Mapping[str, Any] | None) -> Response:
    """What a script hands to the browser; not found (404) where nothing is to be asked."""
    if asked is None:
        return Response("{}", 404, media_type=JSON)
    return Response(in_json(asked), media_type=JSON)


def answer_of(form: Posted) -> KeyAnswer:
    """What such a form brings."""
    return KeyAnswer(form.long_text("offre", 2_048), form.long_text("reponse", LONGEST))
