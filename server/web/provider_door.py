"""The identity provider: the way there, the way back, and the account that is bound to it.

To leave is a link, not a form: browsers let no form of ours end on another site. Coming back changes
something by being looked at: what it brings is checked against what this browser left with.
"""

from collections.abc import Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.access.callers import Requester
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.opaque import new_token
from server.access.provider_trip import AWAY, BACK, TripBack, TripPurpose
from server.access.signing_in import TurnedAway
from server.store.instants import SECOND
from server.web.frame import Flash, Frame, done
from server.web.guard import PROVE, SIGN_IN, PageGuard, door_to, network, onward, whence_of
from server.web.my_account import PATH as ACCOUNT
from server.web.my_account import TITLE
from server.web.page import Access, Page
from server.web.sign_in import AGAIN_PAGE, CODE, SIGN_IN_PAGE, DoorRefusal, SignInPages, refused

LEAVE, BINDING = "/connexion/fournisseur", f"{ACCOUNT}/fournisseur"
_LONGEST = 4_000


class ProviderDoor:
    """Sends browsers to the provider, and takes them back."""

    def __init__(
        self, access: AccessControl, guard: PageGuard, doors: SignInPages, frame: Frame
    ) -> None:
        self._provider, self._guard, self._doors = access.provider, guard, doors
        self._frame = frame

    def pages(self) -> Iterator[Page]:
        """Where they are; to bind an account, or undo that, asks for a recent sign-in."""
        mine = Access.SIGNED_IN
        yield Page(LEAVE, Access.ANYBODY, self.leave)
        yield Page(BACK, Access.ANYBODY, self.back)
        yield Page(f"{PROVE}/fournisseur", mine, self.leave_again)
        yield Page(BINDING, mine, self.binding, recent=True)
        yield Page(f"{BINDING}/relier", mine, self.leave_to_bind)
        yield Page(f"{BINDING}/delier", mine, self.unbind, ("POST",), recent=True)

    # --- The way there ----------------------------------------------------------------------

    async def leave(self, request: Request) -> Response:
        """To enter."""
        suite = onward(request.query_params.get("suite", "/"))
        return await self._leave(request, TripPurpose.ENTER, suite)

    async def leave_again(self, request: Request) -> Response:
        """To confirm that it is still oneself."""
        suite = onward(request.query_params.get("suite", "/"))
        return await self._leave(request, TripPurpose.AGAIN, suite)

    async def leave_to_bind(self, request: Request) -> Response:
        """To say who one is there: from our own page, which asks for the password first.

        It asks there rather than here: no form of ours, were it that of the password, may end elsewhere.
        """
        ours = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        if not ours or not self._guard.recent(request, request.state.caller):
            return RedirectResponse(BINDING, 303)
        return await self._leave(request, TripPurpose.BIND, ACCOUNT)

    async def _leave(self, request: Request, purpose: TripPurpose, suite: str) -> Response:
        if not self._provider.name:
            raise HTTPException(404)
        door = self._guard.door_token(request) or new_token()
        found = await self._provider.leave(purpose, self._holder(request, purpose, door), suite)
        if isinstance(found, TurnedAway):
            return await self._turned_away(request, purpose, found, suite)
        answer = RedirectResponse(found, 303)
        return self._guard.at_the_door(answer, door, AWAY // SECOND)

    def _holder(self, request: Request, purpose: TripPurpose, door: str) -> str:
        """What that browser alone holds; its session with it, where it has to have one."""
        if not door or purpose is TripPurpose.ENTER:
            return door
        return door + self._guard.session_token(request)

    # --- The way back -----------------------------------------------------------------------

    async def back(self, request: Request) -> Response:
        """What the provider sends back, whatever the browser left for."""
        if not self._provider.name:
            raise HTTPException(404)
        said = {name: value[:_LONGEST] for name, value in request.query_params.items()}
        given = (said.get(name, "") for name in ("state", "code", "error", "iss"))
        trip = TripBack(*given)
        purpose, then = self._provider.left_for(trip.state)
        suite = onward(then)
        holder = self._holder(request, purpose, self._guard.door_token(request))
        if purpose is TripPurpose.ENTER:
            return await self._entered(request, trip, holder, suite)
        caller = await self._guard.caller(request)
        if caller is None or caller.session is None:
            return RedirectResponse(door_to(SIGN_IN, suite), 303)
        request.state.caller = self._guard.known(request, caller)
        return await self._confirmed(request, caller, trip, holder, purpose, suite)

    async def _entered(self, request: Request, trip: TripBack, holder: str, suite: str) -> Response:
        whence, address = whence_of(request), network(request)
        found = await self._provider.enter(holder, trip, whence, address)
        if isinstance(found, TurnedAway):
            return await self._turned_away(request, TripPurpose.ENTER, found, suite)
        admitted = found[0]
        to = suite if admitted.whole else door_to(CODE, suite)
        return self._guard.let_in(RedirectResponse(to, 303), admitted.token)

    async def _confirmed(
        self,
        request: Request,
        caller: Requester,
        trip: TripBack,
        holder: str,
        purpose: TripPurpose,
        suite: str,
    ) -> Response:
        whence = whence_of(request)
        if purpose is TripPurpose.BIND:
            wrong = await self._provider.bind(caller, holder, trip, whence)
            return self._bound(request, wrong)
        found = await self._provider.again(caller, holder, trip, whence)
        if isinstance(found, TurnedAway):
            return await self._turned_away(request, purpose, found, suite)
        return RedirectResponse(suite, 303)

    async def _turned_away(
        self, request: Request, purpose: TripPurpose, found: TurnedAway, suite: str
    ) -> Response:
        if purpose is TripPurpose.BIND:
            return self._bound(request, found)
        page = AGAIN_PAGE if purpose is TripPurpose.AGAIN else SIGN_IN_PAGE
        return await self._doors.turned_away_by(request, page, found, "provider_error", suite)

    async def binding(self, request: Request) -> Response:
        """What it is to bind one's account."""
        if not self._provider.name:
            raise HTTPException(404)
        return self._bound(request, TurnedAway())

    def _bound(self, request: Request, wrong: TurnedAway | None) -> Response:
        """Said on the page itself: what another site leads to is not shown what a form left behind."""
        said = (
            refused(wrong, wrong.why) if wrong and wrong != TurnedAway() else DoorRefusal(200, "")
        )
        answer = self._frame.page(
            request,
            "provider_bind.html",
            here="compte",
            title=f"Relier mon compte à {self._provider.name}",
            trail=((TITLE, ACCOUNT),),
            status=said.status,
            provider=self._provider.name,
            bound=wrong is None,
            error=said.words,
        )
        answer.headers.update(said.headers)
        return answer

    async def unbind(self, request: Request) -> Response:
        """One is nobody there any more."""
        try:
            await self._provider.unbind(request.state.caller)
        except EntryRefused as wrong:
            return done(ACCOUNT, Flash(wrong.message, refused=True))
        return done(ACCOUNT, Flash(f"Votre compte n’est plus relié à {self._provider.name}."))
