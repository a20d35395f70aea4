"""Reading one setting: its type checked, its refusal in French and naming the key."""

from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import urlsplit

from relance.errors import ConfigurationError
from relance.fold import key_of, setting_of
from server.origin import in_ascii, origin_of
from server.webhook_signature import secret_bytes

Tree = Mapping[str, object]


def folded(data: Mapping[str, object]) -> dict[str, object]:
    """The same tree, keys folded down to the second level (below are names, not settings)."""
    return {
        setting_of(key): {setting_of(name): inner for name, inner in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in data.items()
    }


def like(former: object, text: str) -> object:
    """A text of the environment, in the type the file gave that setting."""
    if isinstance(former, bool):
        return setting_of(text) in {"1", "oui", "vrai", "true"}
    if isinstance(former, int):
        return int(text) if text.strip().lstrip("-").isdigit() else text
    if isinstance(former, list):
        return _split(text)
    return text


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _wrong(key: str, expected: str) -> ConfigurationError:
    return ConfigurationError(f"Le réglage « {key} » doit être {expected}.", key)


def text(data: Tree, key: str, default: str) -> str:
    """A text."""
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _wrong(key, "un texte entre guillemets")
    return value.strip()


def texts(data: Tree, key: str) -> tuple[str, ...]:
    """A list of texts; a lone text (of the environment) is split at its commas."""
    value = data.get(key, [])
    if isinstance(value, str):
        value = _split(value)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(key, 'une liste de textes : ["…", "…"]')
    return tuple(item.strip() for item in value)


def integer(data: Tree, key: str, default: int, *, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    value = data.get(key, default)
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong(key, f"un nombre entier de {low} à {high}")
    return value


def number(data: Tree, key: str, default: float) -> float:
    """A number, 0 or more."""
    value = data.get(key, default)
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "."))
        except ValueError:
            value = -1
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9:
        raise _wrong(key, "un nombre positif ou nul")
    return float(value)


def base_url(data: Tree, key: str, default: str) -> str:
    """The address of a site, without a final slash."""
    value = in_ascii(text(data, key, default).rstrip("/"))
    parts = urlsplit(value)
    if origin_of(value) is None or parts.query or parts.fragment:
        raise _wrong(key, "une adresse complète, par exemple « https://relance.exemple.ca »")
    return value


def database(data: Tree, key: str, default: str) -> str:
    """The address of a database. It may hold a password: a refusal does not repeat it."""
    value = text(data, key, default)
    if value == default and "?" not in value:
        return value
    # Loaded for those who give one: it takes the database's libraries, half the time of a check.
    from server.database_address import expected

    wanted = expected(value)
    if wanted is not None:
        raise _wrong(key, wanted)
    return value


def networks(data: Tree, key: str) -> tuple[str, ...]:
    """Addresses of machines, or ranges of them."""
    for value in texts(data, key):
        try:
            ip_network(value, strict=False)
        except ValueError as error:
            raise ConfigurationError(
                f"« {value} », dans « {key} », doit être une adresse comme « 10.0.0.1 » "
                "ou une plage comme « 10.0.0.0/8 ».",
                key,
            ) from error
    return texts(data, key)


def origins(data: Tree, key: str) -> frozenset[str]:
    """A list of sites, as origins."""
    found = [(value, origin_of(value)) for value in texts(data, key)]
    for value, origin in found:
        if origin is None or urlsplit(value).path not in {"", "/"}:
            raise ConfigurationError(
                f"« {value} », dans « {key} », doit être un site complet sans chemin, "
                "par exemple « https://www.exemple.ca ».",
                key,
            )
    return frozenset(origin for _, origin in found if origin)


def _table(data: Tree, key: str) -> dict[str, str]:
    value = data.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise _wrong(key, f'une section [formulaires.{key}] : "nom du formulaire" = "…"')
    return value


def addresses(data: Tree, key: str) -> dict[str, str]:
    """Web addresses by form, forms as events know them."""
    table = _table(data, key)
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


def webhook_secrets(data: Tree, key: str) -> dict[str, bytes]:
    """Standard Webhooks secrets by form, forms as events know them."""
    return {
        key_of(name): webhook_secret(value, f"[formulaires.{key}] {name}", key)
        for name, value in _table(data, key).items()
    }
