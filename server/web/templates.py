"""The templates of the pages: each feature's in its own folder `pages/`, the frame's in this room's."""

from functools import cache

from jinja2 import Environment

from server.http.pages import environment
from server.web.buttons import by_buttons
from server.web.icons import icon
from server.web.look.files import LOOK
from server.web.typography import FrenchSpaces, fr, percent, thousands

#: The rooms whose folder `pages/` holds templates: their names are all different.
_ROOMS = (
    "server.web",
    "server.web.campaign",
    "server.web.messages",
    "server.web.forms",
    "server.web.imports",
    "server.web.trials",
    "server.web.extensions",
    "server.http",
)


@cache
def _environment() -> Environment:
    made = environment(*_ROOMS)
    made.add_extension(FrenchSpaces)
    made.filters |= {"fr": fr, "thousands": thousands, "percent": percent, "by_buttons": by_buttons}
    made.globals |= {"icon": icon, "look": LOOK.address}
    return made


def render(name: str, /, **values: object) -> str:
    """A template, filled in."""
    return _environment().get_template(name).render(**values)
