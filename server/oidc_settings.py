"""`[oidc]`: the identity provider of the house (OpenID Connect), and whom it lets in with what rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from relance.access_role import AccessRole
from relance.fold import key_of
from relance.origin import origin_of
from relance.section import Section, split

KEYS = (
    *("emetteur", "client", "secret", "nom", "domaines", "creer", "roles"),
    *("groupes", "roles_par_groupe", "facteur"),
)
_EVERYTHING = "tous"
_ROLES = {key_of(role.value): role for role in AccessRole}
_GIVEN = ", ".join(f"«\u00a0{role.value}\u00a0»" for role in AccessRole)
#: Where a provider may be asked without TLS: on this very machine.
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`issuer`: its address, empty when there is none; `domains`: of addresses, empty when any will do.

    `creates`: whether somebody whom nobody invited is let in, with `roles`. `by_group`: what each
    group of the claim `groups` gives, in the place of roles given here; empty when groups give none.
    `factors`: words of `amr`, or of `acr`, by which the provider says it asked for two factors.
    """

    issuer: str = ""
    client: str = ""
    secret: str = ""
    name: str = ""
    domains: frozenset[str] = frozenset()
    creates: bool = False
    roles: frozenset[AccessRole] = frozenset()
    groups: str = "groups"
    by_group: Mapping[str, frozenset[AccessRole]] = field(default_factory=dict)
    factors: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether it is asked without TLS, on this very machine."""
        return urlsplit(self.issuer).scheme == "http"


def oidc_settings(given: Section) -> OidcSettings:
    """The section, read; ConfigurationError, in French, if any of it is wrong."""
    issuer, client = given.text("emetteur"), given.text("client")
    if issuer:
        _refuse_issuer(given, issuer)
    if bool(issuer) is not bool(client):
        lacks = "client" if issuer else "emetteur"
        said = "manque\u00a0: «\u00a0emetteur\u00a0» et «\u00a0client\u00a0» vont ensemble, comme le fournisseur les a donnés."
        raise given.wrong(lacks, said)
    return OidcSettings(
        issuer=issuer,
        client=client,
        secret=given.text("secret", exact=True),
        name=given.text("nom") or (urlsplit(issuer).hostname or ""),
        domains=frozenset(_domain(given, one) for one in given.texts("domaines")),
        creates=given.flag("creer", False),
        roles=_roles(given, "roles", given.texts("roles")),
        groups=given.text("groupes") or "groups",
        by_group={
            name: _roles(given, "roles_par_groupe", split(said))
            for name, said in given.table("roles_par_groupe").items()
        },
        factors=frozenset(given.texts("facteur")),
    )


def _refuse_issuer(given: Section, issuer: str) -> None:
    parts = urlsplit(issuer)
    ciphered = parts.scheme == "https" or parts.hostname in _HERE
    if origin_of(issuer) is None or parts.query or parts.fragment or not ciphered:
        said = (
            "doit être l’adresse entière du fournisseur, en https, telle qu’il la donne\u00a0: "
            "«\u00a0https://accounts.google.com\u00a0», par exemple."
        )
        raise given.wrong("emetteur", said)


def _domain(given: Section, text: str) -> str:
    name = text.lower().removeprefix("@")
    if "@" in name or "." not in name or any(sign.isspace() or sign in "/:*" for sign in name):
        raise given.wrong(
            "domaines",
            f"doit dire des domaines, comme «\u00a0exemple.ca\u00a0», pas «\u00a0{text}\u00a0».",
        )
    return name


def _roles(given: Section, key: str, words: Iterable[str]) -> frozenset[AccessRole]:
    found: set[AccessRole] = set()
    for word in words:
        if key_of(word) == _EVERYTHING:
            return frozenset(AccessRole)
        role = _ROLES.get(key_of(word))
        if role is None:
            raise given.wrong(
                key,
                f"doit dire des rôles\u00a0: {_GIVEN}, ou «\u00a0tous\u00a0»\u00a0; «\u00a0{word}\u00a0» n’en est pas un.",
            )
        found.add(role)
    return frozenset(found)
