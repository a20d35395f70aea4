"""The campaigns that a draft declares, each with the script where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.check.lexicon import CAMPAIGN
from dsl.service.language_service import LanguageService
from relance.fold import key_of


@dataclass(frozen=True, slots=True)
class DraftCampaign:
    """A campaign of the draft. `key`: what its name is compared by."""

    name: str
    key: str
    file: str


def draft_campaigns(service: LanguageService) -> Sequence[DraftCampaign]:
    """Each that a script declares, by its name."""
    places = [(one.name, one.declared) for one in service.names.of(CAMPAIGN)]
    return [
        DraftCampaign(name, key_of(name), place.file) for name, place in places if place is not None
    ]
