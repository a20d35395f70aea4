"""The `[preferences]` section of a project: the languages that its people may choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from relance.host import Setup
from relance.section import Section

SECTION = "preferences"
#: Every key of the section; the documentation owes each.
KEYS = ("langues",)
_MOST, _LONGEST = 20, 48


@dataclass(frozen=True, slots=True)
class PreferenceSettings:
    """The section, read. `languages`: what the field « langue » holds, and how each is called."""

    languages: Mapping[str, str] = field(default_factory=dict)


def read_settings(host: Setup) -> PreferenceSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = Section(SECTION, host.settings(SECTION), KEYS)
    languages = given.table("langues")
    sound = all(0 < len(text) <= _LONGEST for one in languages.items() for text in one)
    if not sound or len(languages) > _MOST or len(languages) == 1:
        said = f"doit nommer de 2 à {_MOST} langues, chacune par son nom : fr = «\u00a0Français\u00a0»."
        raise given.wrong("langues", said)
    return PreferenceSettings(languages)
