"""What a lead does on a web site: forms sent, pages seen, links followed."""

from collections.abc import Callable, Mapping, Sequence

from plugins.web.happenings import EVENT_TYPES
from plugins.web.hits import Hits
from plugins.web.links import ShortLinks
from plugins.web.phrases import PHRASES
from plugins.web.recency import RECENCY
from plugins.web.script import TrackingScript
from plugins.web.settings import read_settings
from plugins.web.visitor import Visitors
from plugins.web.visits import VISIT_PHRASES
from relance.event_type import EventType
from relance.hookspecs import hookimpl
from relance.host import Host, Setup
from relance.phrase import Phrase
from relance.route import Route
from relance.slot import SlotType
from relance.visitor import mark_rules

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Forms, pages and links; visits."""
    return (*PHRASES, *VISIT_PHRASES)


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """Links, and visits of machines; pages and forms are the core's."""
    return EVENT_TYPES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """References are all open: the site makes them."""
    return (
        RECENCY,
        SlotType("formulaire", "Le nom d’un formulaire, tel que le site l’envoie."),
        SlotType("page", "Le chemin d’une page (/tarifs) ou son adresse ; * vaut n’importe quoi."),
        # The e-mail plugin says the very same, so that either can be there without the other.
        SlotType("lien", "Le nom d’un lien (son titre ou son texte), ou son adresse."),
        SlotType("section", "Le début du chemin des pages d’une section (/blogue)."),
    )


@hookimpl
def relance_sections() -> Mapping[str, Callable[[Setup], object]]:
    """`[web]`."""
    return {"web": lambda setup: read_settings(setup.settings("web"))}


@hookimpl
def relance_routes(host: Host) -> Sequence[Route]:
    """The script of a site and what it tells, the pixel, the short addresses of tracked links."""
    section = host.settings("web")
    settings = read_settings(section)
    visitors = Visitors(host, mark_rules(host.public_url, host.settings))
    links = ShortLinks(host, visitors)
    hits = Hits(host, settings, visitors, links)
    return [*TrackingScript(settings).routes(), *hits.routes(), *links.routes()]
