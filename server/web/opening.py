"""What a one-time link opens: the first account, an invitation, a new password.

Looking at a link spends nothing: mail readers and messengers follow links before people do.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.access.accounts import Account
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.one_time_links import PATH, LinkPurpose, OneTimeLink
from server.access.team import NewPerson
from server.web.frame import Frame
from server.web.guard import PageGuard, whence_of
from server.web.page import Access, Page
from server.web.posted import posted
from server.web.sign_in import CODE

_TITLES = {
    LinkPurpose.FIRST: "Bienvenue dans Relance",
    LinkPurpose.INVITATION: "Ouvrez votre compte",
    LinkPurpose.RESET: "Choisissez un nouveau mot de passe",
}


class OpeningPages:
    """Opens accounts by links."""

    def __init__(self, access: AccessControl, guard: PageGuard, frame: Frame) -> None:
        self._access, self._guard, self._frame = access, guard, frame

    def pages(self) -> Iterator[Page]:
        """Where they are: the link itself is what lets in."""
        yield Page(PATH + "{jeton}", Access.ANYBODY, self.page, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """The form of that link."""
        token = request.path_params["jeton"]
        opened = await self._access.team.link(token)
        if opened is None:
            return self._over(request)
        link, account = opened
        if link.purpose is LinkPurpose.ENTRY:
            session = await self._access.team.enter(token, whence_of(request))
            return self._entered(request, session)
        if request.method != "POST":
            return self._form(request, link, account, name=account.name if account else "")
        form = await posted(request)
        person = NewPerson(
            form.text("nom"),
            form.text("mot_de_passe"),
            form.text("encore"),
            form.text("courriel"),
        )
        try:
            session = await self._access.team.take_up(token, person, whence_of(request))
        except EntryRefused as wrong:
            return self._form(request, link, account, wrong, name=person.name, email=person.email)
        half = account is not None and account.two_factors
        return self._entered(request, session, CODE if half else "/")

    def _entered(self, request: Request, session: str | None, to: str = "/") -> Response:
        if session is None:
            return self._over(request)
        return self._guard.let_in(RedirectResponse(to, 303), session)

    def _over(self, request: Request) -> Response:
        title = "Ce lien n’ouvre plus rien"
        return self._frame.door(request, "opening_over.html", title=title, status=404)

    def _form(
        self,
        request: Request,
        link: OneTimeLink,
        account: Account | None,
        wrong: EntryRefused | None = None,
        *,
        name: str,
        email: str = "",
    ) -> Response:
        return self._frame.door(
            request,
            "opening.html",
            title=_TITLES[link.purpose],
            status=422 if wrong else 200,
            first=account is None,
            named=link.purpose is not LinkPurpose.RESET,
            email=account.email if account else email,
            name=name,
            errors={wrong.field: wrong.message} if wrong else {},
        )
