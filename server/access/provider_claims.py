"""What a provider says of whoever comes from it, read of its claims: nothing is taken for said that is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relance.access_role import AccessRole
from server.access import entries
from server.access.entry_refused import EntryRefused
from server.oidc_settings import OidcSettings

_MOST_GROUPS = 500


@dataclass(frozen=True, slots=True)
class ProviderClaims:
    """`subject`: its number of them, for good; `email`: empty unless it is one; `authenticated`: when
    it last asked who they are, in seconds, if it says."""

    subject: str
    email: str
    verified: bool
    name: str
    groups: frozenset[str]
    methods: frozenset[str]
    authenticated: int | None

    @classmethod
    def read(cls, claims: Mapping[str, Any], settings: OidcSettings) -> "ProviderClaims":
        """Those of a verified token, and of what the provider says besides."""
        since = claims.get("auth_time")
        return cls(
            subject=str(claims["sub"]),
            email=_email(claims.get("email")),
            # Some write it as a text.
            verified=claims.get("email_verified") in (True, "true"),
            name=_name(claims),
            groups=_texts(claims.get(settings.groups)),
            methods=_texts(claims.get("amr")) | _texts(claims.get("acr")),
            authenticated=None
            if isinstance(since, bool) or not isinstance(since, int | float)
            else int(since),
        )

    def of_domains(self, settings: OidcSettings) -> bool:
        """Whether the address is of a domain that is let in."""
        return not settings.domains or self.email.rpartition("@")[2].lower() in settings.domains

    def roles(self, settings: OidcSettings) -> frozenset[AccessRole]:
        """What these groups give."""
        given = [roles for name, roles in settings.by_group.items() if name in self.groups]
        return frozenset[AccessRole]().union(*given)

    def two_factors(self, settings: OidcSettings) -> bool:
        """Whether it says, in words that are trusted, that it asked for two factors."""
        return bool(self.methods & settings.factors)


def _email(value: object) -> str:
    try:
        return entries.email(value) if isinstance(value, str) else ""
    except EntryRefused:
        return ""


def _name(claims: Mapping[str, Any]) -> str:
    for key in ("name", "preferred_username"):
        value = claims.get(key)
        if isinstance(value, str):
            try:
                return entries.name(value[:120])
            except EntryRefused:
                continue
    return ""


def _texts(value: object) -> frozenset[str]:
    several = value if isinstance(value, list) else [value]
    return frozenset(one for one in several[:_MOST_GROUPS] if isinstance(one, str) and one)
