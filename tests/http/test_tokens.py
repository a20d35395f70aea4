"""Tokens and signatures: nobody else's are good."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.webhook_signature import SignatureVerdict, secret_bytes, sign, verify
from server.tokens import Signer

SIGNER = Signer(b"s" * 32)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


@given(
    st.text(max_size=10),
    st.lists(st.text(max_size=30), max_size=4),
)
def test_what_is_signed_can_be_read_back(purpose: str, parts: list[str]) -> None:
    try:
        "".join(parts).encode()
        purpose.encode()
    except UnicodeEncodeError:
        return
    token = SIGNER.sign(purpose, *parts)
    assert SIGNER.unsign(purpose, token) == tuple(parts)
    assert SIGNER.unsign(purpose + "x", token) is None
    assert Signer(b"t" * 32).unsign(purpose, token) is None
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=80), st.integers(0, 200), st.sampled_from("AZaz09-_=. é"))
def test_no_other_text_is_a_token(text: str, place: int, letter: str) -> None:
    token = SIGNER.sign("click", 12, "abc")
    assert SIGNER.unsign("click", text) is None
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    assert changed == token or SIGNER.unsign("click", changed) is None
    for other in (token + "=", token + letter, token[:-1], f" {token}"):
        assert SIGNER.unsign("click", other) is None


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=4))
def test_what_is_sealed_is_read_by_us_alone(parts: list[str]) -> None:
    token = SIGNER.seal("leave", *parts)
    assert SIGNER.unsign("leave", token) == tuple(parts)
    assert SIGNER.seal("leave", *parts) == token
    assert SIGNER.unsign("click", token) is None
    assert Signer(b"t" * 32).unsign("leave", token) is None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert not any(len(part) > 3 and part.encode() in raw for part in parts)
    for at in range(0, len(token), 7):
        assert SIGNER.unsign("leave", token[:at] + token[at + 1 :]) is None


def test_a_sealed_token_is_no_longer_than_a_signed_one() -> None:
    parts = (123, "campagne/4/1", 7, "aline.tremblay@exemple.ca")
    assert len(SIGNER.seal("leave", *parts)) == len(SIGNER.sign("leave", *parts))
    assert "aline" not in str(base64.urlsafe_b64decode(SIGNER.seal("leave", *parts) + "=="))


def test_parts_cannot_be_told_apart_differently() -> None:
    assert SIGNER.sign("p", "a", "b") != SIGNER.sign("p", "ab")
    assert SIGNER.sign("p", "a,b") != SIGNER.sign("p", "a", "b")


def _headers(**changes: str) -> dict[str, str]:
    given = {
        "webhook-id": "msg_1",
        "webhook-timestamp": STAMP,
        "webhook-signature": sign(b"k" * 24, "msg_1", int(STAMP), b"{}"),
    }
    return {name: value for name, value in {**given, **changes}.items() if value}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, SignatureVerdict.VALID),
        ({"webhook-id": ""}, SignatureVerdict.MISSING),
        ({"webhook-signature": ""}, SignatureVerdict.MISSING),
        ({"webhook-id": "msg_2"}, SignatureVerdict.WRONG),
        ({"webhook-timestamp": str(int(STAMP) + 1)}, SignatureVerdict.WRONG),
        ({"webhook-timestamp": str(int(STAMP) - 301)}, SignatureVerdict.EXPIRED),
        ({"webhook-timestamp": str(int(STAMP) + 301)}, SignatureVerdict.EXPIRED),
        ({"webhook-timestamp": "demain"}, SignatureVerdict.MALFORMED),
        ({"webhook-timestamp": "١"}, SignatureVerdict.MALFORMED),
        ({"webhook-signature": "v1,é"}, SignatureVerdict.WRONG),
        ({"webhook-signature": "v2," + "A" * 44}, SignatureVerdict.WRONG),
    ],
)
def test_a_signature_is_good_for_its_id_time_and_body(
    changes: dict[str, str], verdict: SignatureVerdict
) -> None:
    assert verify(b"k" * 24, _headers(**changes), b"{}", NOW) is verdict


def test_another_body_or_secret_is_wrong_and_one_good_signature_of_two_is_enough() -> None:
    assert verify(b"k" * 24, _headers(), b"[]", NOW) is SignatureVerdict.WRONG
    assert verify(b"j" * 24, _headers(), b"{}", NOW) is SignatureVerdict.WRONG
    two = "v1,AAAA " + _headers()["webhook-signature"]
    assert (
        verify(b"k" * 24, _headers(**{"webhook-signature": two}), b"{}", NOW)
        is SignatureVerdict.VALID
    )


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification's own libraries."""
    secret = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (
        sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        == expected
    )


@pytest.mark.parametrize(
    "bad", ["", "abc", "whsec_", "whsec_é", "whsec_" + base64.b64encode(b"x" * 23).decode()]
)
def test_a_weak_secret_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        secret_bytes(bad)
