"""Our own pages: Jinja2 with autoescape, no script, and a policy that would refuse one."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from relance.legible import legible


def shown(value: object) -> object:
    """What a page shows of a value: text without what would hide in it, markup as it is."""
    return legible(value) if type(value) is str else value


def environment(*packages: str) -> Environment:
    """The templates in the folders « pages » of these packages, the first that has one."""
    return Environment(
        loader=FileSystemLoader([str(files(one).joinpath("pages")) for one in packages]),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _environment() -> Environment:
    return environment("server.http")


def render(name: str, **values: object) -> bytes:
    """A page of this room, as bytes."""
    return _environment().get_template(name).render(**values).encode()


def page(name: str, status: int = 200, **values: object) -> Response:
    """A page of this room, as an answer."""
    return HTMLResponse(render(name, **values), status)
