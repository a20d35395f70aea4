"""Preferences: the page, by a link of a message, where a person says what they want to receive."""

from collections.abc import Callable, Mapping, Sequence

from plugins.preferences.links import PreferenceLinks
from plugins.preferences.settings import SECTION, read_settings
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.route import Route
from relance.variable import Variable

relance_contract = 1


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[preferences]`."""
    return {SECTION: read_settings}


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """The link, in any message to a lead."""
    return (PreferenceLinks.variable(),)


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """The page of a link."""
    return PreferenceLinks(host, read_settings(host)).routes()
