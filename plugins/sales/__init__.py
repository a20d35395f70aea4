"""The sales team: whom leads are assigned to, and the alerts it is sent.

The alerts leave by the channel `alert`, which the e-mail plugin holds.
"""

from collections.abc import Mapping, Sequence

from plugins.sales import team
from plugins.sales.lead_panel import PANEL
from plugins.sales.phrases import PHRASES
from plugins.sales.writing import with_person
from relance.event_type import EventType
from relance.fault import Fault
from relance.hookspecs import hookimpl
from relance.interface import LeadPanel
from relance.person import Person
from relance.phrase import Phrase
from relance.project_files import ProjectFiles
from relance.slot import SlotType

relance_contract = 1


@hookimpl
def relance_phrases() -> Sequence[Phrase]:
    """Assigning, alerting, and that an alert was sent."""
    return PHRASES


@hookimpl
def relance_slot_types() -> Sequence[SlotType]:
    """Who is of the team is written in the project; types of alerts are the author's."""
    return (
        SlotType(
            "alerte", "Le type d’une alerte, au choix : le nom du dossier « alertes » ou un autre."
        ),
        SlotType("vendeur", "Une personne de l’équipe (equipe.toml).", closed=True),
        SlotType(
            "destinataire",
            "Une personne de l’équipe (equipe.toml), ou une adresse de courriel.",
            closed=True,
            beside=team.is_address,
        ),
    )


@hookimpl
def relance_references(files: ProjectFiles) -> Mapping[str, Sequence[str]]:
    """The people of the team, by name."""
    names = [person.name for person in team.read(files).people]
    return {"vendeur": names, "destinataire": names}


@hookimpl
def relance_panels() -> Sequence[LeadPanel]:
    """Who a lead is followed by."""
    return (PANEL,)


@hookimpl
def relance_people(files: ProjectFiles) -> Sequence[Person]:
    """The team, in the order of turns; ConfigurationError for a file that cannot be read at all."""
    found = team.read(files)
    if found.unreadable is not None:
        # Better the team of before than nobody: the rules that run stay as they are.
        raise team.unreadable(found.unreadable)
    return found.people


@hookimpl
def relance_change_people(
    files: ProjectFiles, former: str, person: Person | None
) -> Mapping[str, str] | None:
    """The team’s file with that person."""
    text = with_person(files, former, person)
    return None if text is None else {team.FILE: text}


@hookimpl
def relance_check(files: ProjectFiles) -> Sequence[Fault]:
    """What is wrong in the team's file."""
    return team.read(files).faults


@hookimpl
def relance_event_types() -> Sequence[EventType]:
    """Alerts, told by the channel that sends them."""
    return (
        EventType(
            "alert_sent",
            "alerte envoyée",
            "Une alerte a été envoyée au sujet du lead.",
            reported_by="alert",
            sentence="Alerte[ ({subject})] envoyée",
            icon="!",
        ),
    )
