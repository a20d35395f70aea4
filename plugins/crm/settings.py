"""The `[crm]` section: which CRM, what its fields are called, and who is right about each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from plugins.crm import hubspot
from relance.errors import ConfigurationError
from relance.fold import identifier_of
from relance.french import quoted
from relance.section import Section

KEYS = (
    "fournisseur",
    "adresse",
    "jeton",
    "champs",
    "maitre_crm",
    "propriete_cle",
    "delai",
    "essais",
    "debit",
    "connexions",
    "secret",
)
_PROVIDERS = ("hubspot",)
_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class CrmSettings:
    """The section, read. Fields are named as they are folded, the e-mail address set apart."""

    address: str = ""
    token: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    #: The fields the CRM is right about.
    of_crm: frozenset[str] = frozenset()
    key_property: str | None = None
    timeout: float = 20.0
    attempts: int = 12
    per_second: float | None = 4.0
    connections: int = 4

    @property
    def asked(self) -> tuple[str, ...]:
        """The properties of a contact that are compared or read back."""
        return tuple(dict.fromkeys(self.fields.values()))


def read_settings(section: Mapping[str, object]) -> CrmSettings | None:
    """The settings, None without a section; ConfigurationError, in French, if any is wrong."""
    if not section:
        return None
    given = Section("crm", section, KEYS)
    given.choice("fournisseur", "hubspot", _PROVIDERS)
    token = given.text("jeton")
    if not token:
        raise given.wrong("jeton", "manque : c’est le jeton d’accès que votre CRM vous a donné.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise given.wrong("jeton", "contient un caractère qu’un jeton d’accès n’a pas.")
    fields = _fields(given)
    of_crm = frozenset(identifier_of(name) for name in given.texts("maitre_crm"))
    for name in of_crm:
        if name not in fields:
            raise given.wrong(
                "maitre_crm", f"nomme {quoted(name)}, qui n’est pas parmi les champs échangés."
            )
    return CrmSettings(
        address=_address(given),
        token=token,
        fields=fields,
        of_crm=of_crm,
        key_property=given.text("propriete_cle") or None,
        timeout=given.number("delai", 20, 0.1, 300),
        attempts=given.integer("essais", 12, 1, 50),
        per_second=given.number("debit", 4, 0, 1_000) or None,
        connections=given.integer("connexions", 4, 1, 50),
    )


def _address(given: Section) -> str:
    address = given.text("adresse", hubspot.ADDRESS)
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.username:
        raise given.wrong("adresse", f"doit être une adresse comme {quoted(hubspot.ADDRESS)}.")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise given.wrong("adresse", "doit commencer par « https:// » : le jeton y passe.")
    return address


def _fields(given: Section) -> Mapping[str, str]:
    """Each field and its property, the address apart: it is what tells contacts one from another."""
    named = {identifier_of(name): value for name, value in given.table("champs").items()}
    fields = named or dict(hubspot.FIELDS)
    if fields.pop("courriel", "email") != "email":
        raise ConfigurationError("« courriel » de [crm.champs] s’échange toujours avec « email ».")
    if "email" in fields.values():
        raise ConfigurationError("Seul « courriel » s’échange avec « email » dans [crm.champs].")
    if len(set(fields.values())) < len(fields):
        raise ConfigurationError("Deux champs de [crm.champs] s’échangent avec la même propriété.")
    for name, value in fields.items():
        if not value or not value.isascii() or not value.replace("_", "a").isalnum():
            raise ConfigurationError(
                f"{quoted(value)}, pour {quoted(name)} dans [crm.champs], n’est pas le nom d’une "
                "propriété : il est fait de lettres sans accents, de chiffres et de « _ »."
            )
    return fields
