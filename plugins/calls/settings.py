"""The sections `[appels.…]`: who is called, with which secret, about what."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from relance.errors import ConfigurationError
from relance.fold import setting_of
from relance.french import quoted
from relance.section import Section
from relance.webhook_signature import secret_bytes

SECTION = "appels"
_KEYS = ("adresse", "secret", "evenements", "delai", "simultanes")
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_MOST = 50
_NAME = 40


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver. `events`: types or their French labels; « * » for all of them."""

    name: str
    url: str
    secret: bytes
    events: tuple[str, ...] = ()
    timeout: float = 20.0
    concurrency: int = 8


def read_settings(section: Mapping[str, object]) -> tuple[Endpoint, ...]:
    """The receivers; ConfigurationError, in French, if anything is wrong."""
    found: dict[str, Endpoint] = {}
    for name, values in section.items():
        if not isinstance(values, Mapping):
            raise ConfigurationError(
                f"[{SECTION}] ne contient que des sections\u00a0: écrivez [{SECTION}.{name}], puis "
                "«\u00a0adresse\u00a0» et «\u00a0secret\u00a0» dessous.",
                name,
            )
        found[setting_of(name)] = _endpoint(name, values)
    if len(found) > _MOST:
        raise ConfigurationError(f"[{SECTION}] compte plus de {_MOST} destinataires.", SECTION)
    return tuple(found.values())


def _endpoint(name: str, values: Mapping[str, object]) -> Endpoint:
    given = Section(f"{SECTION}.{name}", values, _KEYS)
    if len(name) > _NAME:
        raise given.wrong("adresse", f"est sous un nom de plus de {_NAME} caractères.")
    return Endpoint(
        name=name,
        url=_address(given),
        secret=_secret(given),
        events=given.texts("evenements"),
        timeout=given.number("delai", 20, 0.1, 60),
        concurrency=given.integer("simultanes", 8, 1, 50),
    )


def _address(given: Section) -> str:
    address = given.text("adresse")
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        raise given.wrong(
            "adresse", f"doit être une adresse comme {quoted('https://exemple.ca/relance')}."
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise given.wrong(
            "adresse",
            "doit commencer par «\u00a0https://\u00a0»\u00a0: ce qu’on sait des leads y passe.",
        )
    return address


def _secret(given: Section) -> bytes:
    try:
        return secret_bytes(given.text("secret"))
    except ValueError as error:
        raise given.wrong(
            "secret",
            "doit commencer par «\u00a0whsec_\u00a0», suivi de 24 à 64 octets en base64 («\u00a0relance secret\u00a0» "
            "en tire un).",
        ) from error
