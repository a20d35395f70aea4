"""Our own pages: Jinja2 with autoescape, no script, and a policy that would refuse one."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from relance.legible import legible
from server.http.exchange import HTML, Answer, Header

#: What every answer may load unless it says otherwise: its style sheet from here, nothing else.
POLICY: Header = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    b"frame-ancestors 'none'; base-uri 'none'",
)
STYLE = "/relance.css"
#: Browsers ask for the first by themselves.
ICONS = ("/favicon.ico", "/favicon.svg")


def shown(value: object) -> object:
    """What a page shows of a value: text without what would hide in it, markup as it is."""
    return legible(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    folder = str(files("server.http").joinpath("pages"))
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: object) -> bytes:
    """A page, as bytes."""
    return _environment().get_template(name).render(**values).encode()


def page(name: str, status: int = 200, **values: object) -> Answer:
    """A page, as an answer."""
    return Answer(status, render(name, **values), HTML)


@cache
def style() -> bytes:
    """The style sheet of every page."""
    return files("server.http").joinpath("pages", "relance.css").read_bytes()


@cache
def icon() -> bytes:
    """The icon of every page."""
    return files("server.http").joinpath("pages", "favicon.svg").read_bytes()
