"""The pages by which one signs in and out: the password, the second factor, the password again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.access.accounts import Account
from server.access.control import AccessControl
from server.access.signing_in import Admitted, TurnedAway
from server.store.instants import MINUTE, SECOND
from server.web.frame import Frame
from server.web.guard import PROVE, SIGN_IN, PageGuard, door_to, network, onward, whence_of
from server.web.page import Access, Page
from server.web.posted import posted

CODE = "/connexion/code"
SIGN_IN_PAGE, CODE_PAGE, AGAIN_PAGE = "sign_in.html", "sign_in_code.html", "sign_in_again.html"
_TITLES = {
    SIGN_IN_PAGE: "Connexion",
    CODE_PAGE: "Deuxième facteur",
    AGAIN_PAGE: "Confirmez que c’est vous",
}
_NO_OTHER_WAY: Mapping[str, object] = {
    **dict.fromkeys(("error", "key_error", "provider_error", "provider"), ""),
    "by_key": False,
    "typed": True,
}
_NOT_YOURS = "Ce n’est pas votre mot de passe."
_WRONG = "Le courriel ou le mot de passe n’est pas le bon. Vérifiez l’un et l’autre."
_WRONG_CODE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Le téléphone en montre un nouveau toutes les "
    "trente secondes."
)


@dataclass(frozen=True, slots=True)
class DoorRefusal:
    """How a page says that nobody came in."""

    status: int
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)


class SignInPages:
    """Lets people in and out."""

    def __init__(self, access: AccessControl, guard: PageGuard, frame: Frame) -> None:
        self._access, self._guard, self._frame = access, guard, frame

    def pages(self) -> Iterator[Page]:
        """Where they are."""
        both = ("GET", "POST")
        yield Page(SIGN_IN, Access.ANYBODY, self.sign_in, both)
        yield Page(CODE, Access.ANYBODY, self.code, both)
        yield Page(PROVE, Access.SIGNED_IN, self.again, both)
        yield Page("/deconnexion", Access.SIGNED_IN, self.out, ("POST",))

    async def sign_in(self, request: Request) -> Response:
        """The e-mail address and the password."""
        if request.method == "POST":
            return await self._signed_in(request)
        suite = onward(request.query_params.get("suite", "/"))
        if await self._guard.caller(request) is not None:
            return RedirectResponse(suite, 303)
        begun, ended = await self._access.team.begun(), "fin" in request.query_params
        return await self._door(
            request, SIGN_IN_PAGE, suite=suite, email="", begun=begun, ended=ended
        )

    async def _signed_in(self, request: Request) -> Response:
        form = await posted(request)
        suite, email = onward(form.text("suite")), form.text("courriel").strip()
        found = await self._access.signing_in.by_password(
            email, form.text("mot_de_passe"), whence_of(request), network(request)
        )
        if isinstance(found, Admitted):
            to = suite if found.whole else door_to(CODE, suite)
            return self._guard.let_in(RedirectResponse(to, 303), found.token)
        given: dict[str, Any] = {"suite": suite, "email": email, "begun": True, "ended": False}
        return await self._turned_away(request, SIGN_IN_PAGE, found, _WRONG, **given)

    async def code(self, request: Request) -> Response:
        """The code of the second factor, for whoever gave the password."""
        if request.method == "GET" or request.method == "HEAD":
            suite = onward(request.query_params.get("suite", "/"))
            return await self._door(request, CODE_PAGE, suite=suite, error="")
        form = await posted(request)
        suite = onward(form.text("suite"))
        token = self._guard.session_token(request)
        found = await self._access.signing_in.by_code(token, form.text("code"), whence_of(request))
        if found is None:  # it took too long, or never began
            return RedirectResponse(door_to(SIGN_IN, suite), 303)
        if isinstance(found, Admitted):
            return self._guard.let_in(RedirectResponse(suite, 303), found.token)
        return await self._turned_away(request, CODE_PAGE, found, _WRONG_CODE, suite=suite)

    async def again(self, request: Request) -> Response:
        """The password once more, before what matters most."""
        if request.method != "POST":
            suite = onward(request.query_params.get("suite", "/"))
            return await self._door(request, AGAIN_PAGE, suite=suite, error="")
        form = await posted(request)
        suite = onward(form.text("suite"))
        found = await self._access.signing_in.again(request.state.caller, form.text("mot_de_passe"))
        if found is None:
            return RedirectResponse(suite, 303)
        return await self._turned_away(request, AGAIN_PAGE, found, _NOT_YOURS, suite=suite)

    async def turned_away_by(
        self, request: Request, name: str, found: TurnedAway, where: str, suite: str
    ) -> Response:
        """The door of that template again, one that came otherwise turned away: why, beside that way."""
        given: dict[str, Any] = {"suite": suite, "email": "", "begun": True, "ended": False}
        return await self._turned_away(request, name, found, found.why, where, **given)

    async def out(self, request: Request) -> Response:
        """The session ends."""
        await self._access.signing_in.out(request.state.caller)
        return self._guard.let_out(RedirectResponse(f"{SIGN_IN}?fin=1", 303))

    async def _door(
        self, request: Request, name: str, status: int = 200, **values: object
    ) -> Response:
        """That template, with what else there is to come in by."""
        given = {**_NO_OTHER_WAY, **await self._ways(request, name), **values}
        return self._frame.door(request, name, title=_TITLES[name], status=status, **given)

    async def _ways(self, request: Request, name: str) -> Mapping[str, object]:
        """`by_key`: whether a passkey may serve there; `phone`: whether a telephone's code does."""
        keys = self._access.keys
        if name == SIGN_IN_PAGE:
            provider = self._access.provider
            ways = {"provider": provider.name, "way_out": provider.way_out}
            return {"by_key": await keys.useful(), **ways}
        if name == AGAIN_PAGE:
            own: Account | None = request.state.caller.account
            if own is None:
                return {}
            provider = self._access.provider
            there = await provider.identity(own.id) is not None
            by_key, named = await keys.useful(own.id), provider.name if there else ""
            return {"by_key": by_key, "provider": named, "typed": own.has_password}
        account = await self._access.signing_in.waiting(self._guard.session_token(request))
        phone = account is None or account.factor is not None
        return {"by_key": account is not None and await keys.useful(account.id), "phone": phone}

    async def _turned_away(
        self,
        request: Request,
        name: str,
        found: TurnedAway,
        wrong: str,
        where: str = "error",
        **values: object,
    ) -> Response:
        """The same form, what was typed kept but the password, and what is wrong beside its field."""
        said = refused(found, wrong)
        answer = await self._door(request, name, said.status, **values, **{where: said.words})
        answer.headers.update(said.headers)
        return answer


def refused(found: TurnedAway, wrong: str) -> DoorRefusal:
    """That it was `wrong`; or, after too many tries, that one is to wait."""
    if not found.wait:
        return DoorRefusal(422, wrong)
    minutes = -(-found.wait // MINUTE)
    wait = "une minute" if minutes == 1 else f"{minutes} minutes"
    words = f"Trop d’essais de suite. Attendez {wait}, puis recommencez\u00a0: rien n’est bloqué pour de bon."
    return DoorRefusal(429, words, {"retry-after": str(-(-found.wait // SECOND))})
