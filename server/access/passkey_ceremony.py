"""What a browser is asked of a passkey, and whether its answer is right: WebAuthn, by its library.

The library comes with an extra. A key is bound to the name of the server in the setting « adresse »:
an address without a name has none, and browsers want TLS everywhere but on the machine itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from server.access.accounts import Account
from server.access.challenges import EntryChallenge
from server.access.passkeys import Passkey

MISSING = (
    "Il manque à ce serveur la bibliothèque des clés d’accès\u00a0: installez «\u00a0relance[cles]\u00a0» "
    "(depuis les sources\u00a0: pip install '.[cles]'), puis redémarrez-le."
)
#: How long a browser waits for a key, in milliseconds: within the time of a challenge.
_PATIENCE = 240_000
_LONGEST_NAME = 1_400


class KeyRefused(Exception):
    """The answer is not that of the key, to that challenge, at this address."""


class CounterWentBack(KeyRefused):
    """All is right but that the key says it served less often than before: there may be two of it."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This server, as browsers and keys know it: its name, and where its pages are."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a browser says of a key just made, verified."""

    credential: str
    public_key: str
    counter: int


def relying_party(public_url: str) -> RelyingParty | str:
    """Who browsers take this server for; else, in French, why no key can be bound to it."""
    split = urlsplit(public_url)
    host = split.hostname or ""
    if find_spec("webauthn") is None:
        return MISSING
    if not host or _is_number(host):
        return (
            f"Une clé d’accès se lie à un nom, et l’adresse de ce serveur, {public_url}, n’en est pas un\u00a0: "
            "donnez-lui un nom dans le réglage «\u00a0adresse\u00a0» (pour un essai sur cette machine, "
            "http://localhost et le port)."
        )
    local = host == "localhost" or host.endswith(".localhost")
    if split.scheme != "https" and not local:
        return (
            f"Les navigateurs n’emploient une clé d’accès qu’en HTTPS, et l’adresse de ce serveur, {public_url}, "
            "n’y est pas\u00a0: placez-le derrière un serveur web qui chiffre, et changez le réglage «\u00a0adresse\u00a0»."
        )
    return RelyingParty(host, f"{split.scheme}://{split.netloc}".lower())


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def load() -> None:
    """Load the library: it takes a quarter of a second, on a thread for whoever else works."""
    import webauthn  # noqa: F401


def to_make(
    party: RelyingParty,
    account: Account,
    handle: str,
    known: Sequence[Passkey],
    asked: EntryChallenge,
) -> Mapping[str, Any]:
    """What a browser is asked in order to make a key for that account, as JSON holds it."""
    from webauthn import generate_registration_options
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.id,
        rp_name="Relance",
        user_id=handle.encode(),
        user_name=account.email,
        user_display_name=account.name,
        challenge=asked.value,
        timeout=_PATIENCE,
        exclude_credentials=_named(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return _json(options)


def to_show(
    party: RelyingParty, known: Sequence[Passkey], asked: EntryChallenge, *, verified: bool
) -> Mapping[str, Any]:
    """What a browser is asked of one of those keys, or of any. `verified`: the key asks who holds it."""
    from webauthn import generate_authentication_options
    from webauthn.helpers.structs import UserVerificationRequirement as Verification

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=asked.value,
        timeout=_PATIENCE,
        allow_credentials=_named(known),
        user_verification=Verification.REQUIRED if verified else Verification.PREFERRED,
    )
    return _json(options)


def made(party: RelyingParty, asked: EntryChallenge, answer: str) -> NewKey:
    """The key that answer tells of; raises `KeyRefused`."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=asked.value,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except Exception as error:  # what a stranger wrote breaks it in ways that it does not name
        raise KeyRefused(str(error)) from error
    name = bytes_to_base64url(found.credential_id)
    if len(name) > _LONGEST_NAME:
        raise KeyRefused("its name is too long")
    return NewKey(name, bytes_to_base64url(found.credential_public_key), found.sign_count)


def shown(
    party: RelyingParty, asked: EntryChallenge, key: Passkey, answer: str, *, verified: bool
) -> int:
    """How often that key says it served; raises `KeyRefused`."""
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    try:
        read = parse_authentication_credential_json(answer)
        found = verify_authentication_response(
            credential=read,
            expected_challenge=asked.value,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            # Compared below, once the signature is known to be the key's own.
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except Exception as error:  # as above
        raise KeyRefused(str(error)) from error
    said = read.response.user_handle
    if said is not None and said != key.handle.encode():
        raise KeyRefused("it is somebody else's")
    count = found.new_sign_count
    if (count or key.counter) and count <= key.counter:
        raise CounterWentBack(f"{count} after {key.counter}")
    return count


def credential_of(answer: str) -> str:
    """The name of the key that an answer says it is of; empty when it says none."""
    try:
        named = json.loads(answer)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return named if isinstance(named, str) and len(named) <= _LONGEST_NAME else ""


def _named(keys: Sequence[Passkey]) -> list[Any]:
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in keys]


def _json(options: Any) -> Mapping[str, Any]:
    from webauthn import options_to_json

    read: Mapping[str, Any] = json.loads(options_to_json(options))
    return read
