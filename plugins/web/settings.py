"""The `[web]` section of a project: which sites are followed, and whether one must agree to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from relance.french import quoted
from relance.origin import site_of
from relance.section import Section

#: Every key of the section; the documentation owes each.
KEYS = ("sites", "consentement")


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The section, read. `sites` are origins: « https://www.exemple.ca »."""

    sites: frozenset[str] = frozenset()
    consent: bool = False


def read_settings(section: Mapping[str, object]) -> WebSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = Section("web", section, KEYS)
    sites = set()
    for text in given.texts("sites"):
        origin = site_of(text)
        if origin is None:
            raise given.wrong(
                "sites",
                f"contient {quoted(text)}, qui n’est pas l’adresse d’un site. "
                f"Exemple : {quoted('https://www.exemple.ca')}.",
            )
        sites.add(origin)
    consent = given.choice("consentement", "non", ("non", "requis"))
    return WebSettings(frozenset(sites), consent == "requis")
