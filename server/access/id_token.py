"""The ID token of a provider (OpenID Connect): whether it is its own, for us, now, in answer to us.

Only signatures by a private key are taken: « none », or a secret that both sides know, prove nothing.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: By the kind of key that may make each.
_BY_KIND = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
ALGORITHMS = frozenset(one for several in _BY_KIND.values() for one in several)
#: How far apart two clocks may be, and how old a token may be that was just asked for, in seconds.
_SLACK, _FRESH = 60, 600
_LONGEST_SUBJECT = 255


class TokenRefused(Exception):
    """Why, in French: the end of a sentence about the provider's answer."""


class UnknownSignature(TokenRefused):
    """None of the keys that are known signed it: the provider may have others by now."""

    def __init__(self) -> None:
        super().__init__("sa signature n’est d’aucune de ses clés")


@dataclass(frozen=True, slots=True)
class TokenExpected:
    """What it must say. `now`: in seconds."""

    issuer: str
    client: str
    nonce: str
    now: int


def key_named(token: str) -> str:
    """The name of the key that it says signed it; empty when it says none. Raises `TokenRefused`."""
    return str(_header(token).get("kid", ""))


def read_id_token(
    token: str, keys: Sequence[Mapping[str, Any]], expected: TokenExpected
) -> Mapping[str, Any]:
    """Its claims, verified. Raises `TokenRefused`, `UnknownSignature`."""
    import jwt

    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise TokenRefused("sa signature n’est pas d’une sorte admise")
    for one in _fitting(keys, header):
        try:
            claims = jwt.decode(
                token,
                jwt.PyJWK.from_dict(dict(one), algorithm=algorithm).key,
                algorithms=[algorithm],
                # All of them below, by the clock of the server.
                options=_SIGNATURE,
            )
        except (jwt.InvalidTokenError, jwt.PyJWKError, ValueError, TypeError):
            continue
        _refuse(claims, expected)
        return claims
    raise UnknownSignature


_SIGNATURE: Any = {
    "verify_signature": True,
    **{f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")},
}


def _header(token: str) -> Mapping[str, Any]:
    import jwt

    try:
        return jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise TokenRefused("il n’est pas lisible") from error


def _fitting(
    keys: Sequence[Mapping[str, Any]], header: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """The keys that may have signed: of its kind, of its name if it says one, and for signing."""
    named, algorithm = header.get("kid"), header["alg"]
    return [
        one
        for one in keys
        if algorithm in _BY_KIND.get(str(one.get("kty")), ())
        and one.get("use", "sig") == "sig"
        and one.get("alg", algorithm) == algorithm
        and (named is None or one.get("kid") == named)
    ]


def _refuse(claims: Mapping[str, Any], expected: TokenExpected) -> None:
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", expected.client)
    subject, nonce = claims.get("sub"), claims.get("nonce")
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("il vient d’un autre fournisseur")
    if expected.client not in several or party != expected.client:
        raise TokenRefused("il est pour une autre application")
    if len(several) > 1 and "azp" not in claims:
        raise TokenRefused("il est pour plusieurs applications, sans dire laquelle l’a demandé")
    if expires + _SLACK <= expected.now:
        raise TokenRefused("il a expiré")
    if issued > expected.now + _SLACK:
        raise TokenRefused(
            "il est daté de plus tard\u00a0: l’une des deux horloges n’est pas à l’heure"
        )
    if issued < expected.now - _FRESH:
        raise TokenRefused("il est trop ancien, ou l’une des deux horloges n’est pas à l’heure")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise TokenRefused("il ne répond pas à cette demande")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise TokenRefused("il ne dit pas de qui il est")


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(f"il ne dit pas quand («\u00a0{name}\u00a0»)")
    return int(value)
