"""The settings that are addresses, secrets and the like: what else they must be than texts."""

from ipaddress import ip_network
from urllib.parse import urlsplit

from relance.errors import ConfigurationError
from relance.fold import key_of
from relance.origin import in_ascii, origin_of, site_of
from relance.section import Section
from relance.webhook_signature import secret_bytes


def base_url(given: Section, key: str, default: str) -> str:
    """The address of a site, without a final slash."""
    value = given.text(key, default).rstrip("/")
    value = value if value.isascii() else in_ascii(value) or value
    parts = urlsplit(value)
    if origin_of(value) is None or parts.query or parts.fragment:
        said = "doit être une adresse complète, par exemple « https://relance.exemple.ca »."
        raise given.wrong(key, said)
    return value


def database(given: Section, key: str, default: str) -> str:
    """The address of a database. It may hold a password: a refusal does not repeat it."""
    value = given.text(key, default)
    if value == default and "?" not in value:
        return value
    # Loaded for those who give one: it takes the database's libraries, half the time of a check.
    from server.database_address import expected

    wanted = expected(value)
    if wanted is not None:
        raise given.wrong(key, f"doit être {wanted}.")
    return value


def networks(given: Section, key: str) -> tuple[str, ...]:
    """Addresses of machines, or ranges of them."""
    for value in given.texts(key):
        try:
            ip_network(value, strict=False)
        except ValueError as error:
            raise ConfigurationError(
                f"« {value} », dans « {key} », doit être une adresse comme « 10.0.0.1 » "
                "ou une plage comme « 10.0.0.0/8 ».",
                key,
            ) from error
    return given.texts(key)


def origins(given: Section, key: str) -> frozenset[str]:
    """A list of sites, as origins."""
    found = [(value, site_of(value)) for value in given.texts(key)]
    for value, origin in found:
        if origin is None:
            raise ConfigurationError(
                f"« {value} », dans « {key} », doit être un site complet sans chemin, "
                "par exemple « https://www.exemple.ca ».",
                key,
            )
    return frozenset(origin for _, origin in found if origin)


def addresses(given: Section, key: str) -> dict[str, str]:
    """Web addresses by form, forms as events know them."""
    table = given.table(key)
    for value in table.values():
        if origin_of(value) is None:
            raise ConfigurationError(
                f"« {value} », dans [formulaires.{key}], n’est pas une adresse web complète.",
                key,
            )
    return {key_of(name): value for name, value in table.items()}


def webhook_secret(value: str, shown: str, key: str) -> bytes:
    """A Standard Webhooks secret; `shown`: what its setting is called, in full."""
    try:
        return secret_bytes(value)
    except ValueError as error:
        raise ConfigurationError(
            f"« {shown} » doit être un secret « whsec_… » d’au moins 24 octets. "
            "Pour en créer un : « echo whsec_$(openssl rand -base64 32) ».",
            key,
        ) from error


def webhook_secrets(given: Section, key: str) -> dict[str, bytes]:
    """Standard Webhooks secrets by form, forms as events know them."""
    return {
        key_of(name): webhook_secret(value, f"[formulaires.{key}] {name}", key)
        for name, value in given.table(key).items()
    }
