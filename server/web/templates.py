"""The templates of the pages: those of this room, in the frame that every page of the server has."""

from functools import cache

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from server.http.pages import environment

#: Each page of the operator's menu, by its address.
MENU = {"/": "État du serveur", "/parcours": "Parcours"}


@cache
def _environment() -> Environment:
    return environment("server.web", "server.http")


def render(name: str, **values: object) -> str:
    """A template, filled in."""
    return _environment().get_template(name).render(**values)


def shown(name: str, here: str, status: int = 200, **values: object) -> Response:
    """A page of the operator's, `here` being where the menu says one is."""
    return HTMLResponse(render(name, menu=MENU, here=here, **values), status)
