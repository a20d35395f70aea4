"""The pages put together: Starlette's routes, each behind who may ask for it and within its limits."""

from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from relance.errors import Problem
from server.http.envelope import Answering
from server.http.pages import page as message
from server.http.problems import KINDS, Problems
from server.http.refusals import RETRY
from server.publication.unusable import UnusableDraft
from server.web.guard import PageGuard
from server.web.limits import BARE, Bounded, Prompt
from server.web.page import Page
from server.web.reach import PageRoute

_NO_OPERATION = Problem(
    "",
    "Aucune opération n’est à cette adresse\u00a0: «\u00a0GET /api/v1/openapi.json\u00a0» les dit toutes.",
)


def site(
    pages: Iterable[Page], guard: PageGuard, problems: Problems, full: Callable[[], bool]
) -> Starlette:
    """The application that answers all pages, and refuses what is no page of ours.

    `full`: whether what programs have written would have to wait behind more than the server holds.
    """

    async def refused(request: Request, error: Exception) -> Response:
        return await _refused(request, error, problems, guard)

    async def unusable(request: Request, error: Exception) -> Response:
        return _unusable(request, error, problems, guard)

    routes = [_route(page, guard, problems, full) for page in pages]
    large = [one for one in routes if one.page.most]

    def most(scope: Scope) -> int:
        fitting = (one.page.most for one in large if one.matches(scope)[0] is Match.FULL)
        return next(fitting, 0)

    app = Starlette(
        routes=routes,
        middleware=[Middleware(Answering, problems=problems), Middleware(Bounded, most=most)],
        exception_handlers={HTTPException: refused, UnusableDraft: unusable},
    )
    # It would make the address it sends to of the Host header, which a stranger writes.
    app.router.redirect_slashes = False
    return app


def _unusable(request: Request, error: Exception, problems: Problems, guard: PageGuard) -> Response:
    """What a draft that cannot be read or written keeps from being answered: which file, and why."""
    writing = isinstance(error, UnusableDraft) and error.writing
    name = "brouillon-non-ecrit" if writing else "brouillon-illisible"
    if "text/html" in request.headers.get("accept", ""):
        return guard.hindered(request, KINDS[name], str(error))
    return problems.answer(name, [Problem("", str(error))], headers=RETRY if writing else None)


def _route(page: Page, guard: PageGuard, problems: Problems, full: Callable[[], bool]) -> PageRoute:
    async def guarded(request: Request) -> Response:
        # Before anybody is recognised: that asks the base, which does not follow.
        if page.programs and request.method not in BARE and full():
            return problems.answer("plein", headers=RETRY)
        refusal = await guard.refusal(page, request)
        return refusal if refusal is not None else await page.answer(request)

    answer = Prompt(guarded) if page.in_time else guarded
    route = PageRoute(page.path, answer, methods=list(page.methods))
    route.page = page
    return route


async def _refused(
    request: Request, error: Exception, problems: Problems, guard: PageGuard
) -> Response:
    """No such page, or not by that method: a page for people, a problem for programs.

    Whoever is signed in stays in the frame, and sees where else to go.
    """
    status = error.status_code if isinstance(error, HTTPException) else 500
    asked = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    # Whoever follows an address where one only posts (kept from a form that was refused) finds no page.
    if status == 405 and not asked:
        allowed = sorted((getattr(error, "headers", None) or {}).get("Allow", "").split(", "))
        return problems.answer("methode", headers={"allow": ", ".join(allowed)})
    name = "corps-illisible" if status == 400 else "introuvable"
    if request.scope["path"].startswith("/api/"):
        return problems.answer("inconnu", [_NO_OPERATION])
    if "text/html" not in request.headers.get("accept", ""):
        return problems.answer(name)
    kind = KINDS[name]
    inside = await guard.lost(request, kind) if name == "introuvable" else None
    if inside is not None:
        return inside
    return message("message.html", kind.status, title=kind.title, advice=kind.advice)
