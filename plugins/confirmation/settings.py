"""The `[confirmation]` section of a project: how long links and codes hold, and who may take codes."""

from dataclasses import dataclass
from datetime import timedelta

from plugins.kit.sites import sites
from relance.host import Setup
from relance.section import Section
from relance.web_address import refused

SECTION = "confirmation"
#: Every key of the section; the documentation owes each.
KEYS = ("lien", "code", "sites", "retour")


@dataclass(frozen=True, slots=True)
class ConfirmationSettings:
    """The section, read. `sites`: origins whose pages may send codes; `back`: where one goes on."""

    link: timedelta
    code: timedelta
    sites: frozenset[str]
    back: str


def read_settings(host: Setup) -> ConfirmationSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = Section(SECTION, host.settings(SECTION), KEYS)
    return ConfirmationSettings(
        link=timedelta(hours=given.number("lien", 168, 1, 2_160)),
        code=timedelta(minutes=given.number("code", 30, 1, 1_440)),
        sites=sites(given, host),
        back=_page(given),
    )


def _page(given: Section) -> str:
    text = given.text("retour")
    if text and refused(text):
        raise given.wrong("retour", "doit être l’adresse d’une page, «\u00a0https://…\u00a0».")
    return text
