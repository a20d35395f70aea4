"""The pages put together: Starlette's routes, each behind who may ask for it and within its limits."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.http.envelope import Answering
from server.http.pages import page as message
from server.http.problems import KINDS, Problems
from server.web.limits import Bounded, Prompt
from server.web.operator import WAY_IN, Operator
from server.web.page import Access, Page


def site(pages: Iterable[Page], operator: Operator, problems: Problems) -> Starlette:
    """The application that answers all pages, and refuses what is no page of ours."""

    async def refused(request: Request, error: Exception) -> Response:
        return _refused(request, error, problems)

    app = Starlette(
        routes=[_route(page, operator) for page in pages],
        middleware=[Middleware(Answering, problems=problems), Middleware(Bounded)],
        exception_handlers={HTTPException: refused},
    )
    # It would make the address it sends to of the Host header, which a stranger writes.
    app.router.redirect_slashes = False
    return app


def _route(page: Page, operator: Operator) -> Route:
    async def guarded(request: Request) -> Response:
        if came := operator.enters(request):
            return came
        if page.access is not Access.ANYBODY and not operator.asks(request):
            title = "Cette page est pour qui tient ce serveur."
            return message("message.html", 403, title=title, advice=WAY_IN)
        return await page.answer(request)

    answer = Prompt(guarded) if page.in_time else guarded
    return Route(page.path, answer, methods=list(page.methods))


def _refused(request: Request, error: Exception, problems: Problems) -> Response:
    """No such page, or not by that method: a page for people, a problem for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        allowed = sorted((getattr(error, "headers", None) or {}).get("Allow", "").split(", "))
        return problems.answer("methode", headers={"allow": ", ".join(allowed)})
    if "text/html" not in request.headers.get("accept", ""):
        return problems.answer("introuvable")
    kind = KINDS["introuvable"]
    return message("message.html", 404, title=kind.title, advice=kind.advice)
