"""Confirming an address: a link with one button, or a code to type back, and the phrases about it."""

from collections.abc import Callable, Mapping, Sequence

from plugins.confirmation.codes import Codes
from plugins.confirmation.links import ConfirmationLinks
from plugins.confirmation.phrases import EVENT_TYPES, PHRASES
from plugins.confirmation.settings import SECTION, read_settings
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.route import Route
from relance.variable import Variable

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Hearing that an address was confirmed."""
    return PHRASES


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """What was confirmed."""
    return EVENT_TYPES


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[confirmation]`."""
    return {SECTION: read_settings}


@hookimpl
def relance_variables(host: Setup) -> Sequence[Variable]:
    """The link and the code, in any message to a lead."""
    settings = read_settings(host)
    return (ConfirmationLinks.variable(settings), *Codes.variables(settings, host.public_url))


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """The page of a link, and where a code is typed."""
    settings = read_settings(host)
    return [*ConfirmationLinks(host, settings).routes(), *Codes(host, settings).routes()]
