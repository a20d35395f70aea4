"""The `[push]` section of a project: which sites may subscribe browsers, and how notifications leave."""

import re
from dataclasses import dataclass

from plugins.kit.sites import sites
from relance.host import Setup
from relance.section import Section

#: Every key of the section; the documentation owes each.
KEYS = ("sites", "contact", "services", "duree", "debit", "connexions", "delai", "essais")

#: The push services of the browsers there are; a site cannot have us write anywhere else.
SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)


@dataclass(frozen=True, slots=True)
class PushSettings:
    """The section, read. `sites` are origins; `services` hosts trusted beside the known ones."""

    sites: frozenset[str]
    contact: str
    services: frozenset[str] = frozenset()
    seconds: int = 86_400
    per_second: float | None = 50.0
    connections: int = 8
    timeout: float = 20.0
    attempts: int = 8


def read_settings(host: Setup) -> PushSettings:
    """The settings; ConfigurationError, in French, if any is wrong."""
    given = Section("push", host.settings("push"), KEYS)
    return PushSettings(
        sites=sites(given, host),
        contact=_contact(given, host.public_url),
        services=frozenset(one.lower() for one in given.texts("services")),
        seconds=int(given.number("duree", 24, 0, 672) * 3_600),
        per_second=given.number("debit", 50, 0, 10_000) or None,
        connections=given.integer("connexions", 8, 1, 100),
        timeout=given.number("delai", 20, 0.1, 600),
        attempts=given.integer("essais", 8, 1, 50),
    )


def _contact(given: Section, public_url: str) -> str:
    """Whom the push services may write to: they ask for it, some refuse what leads nowhere."""
    text = given.text("contact")
    if not text:
        return public_url
    if re.fullmatch(r"[^\s@:<>]+@[^\s@:<>]+\.[^\s@:<>]+", text):
        return f"mailto:{text}"
    if re.fullmatch(r"https://[^\s<>]+", text):
        return text
    raise given.wrong("contact", "doit être une adresse de courriel, ou une adresse « https://… ».")
