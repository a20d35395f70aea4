"""What is sealed is what the standard says, and opens for that browser alone."""

from contextlib import suppress

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.push.encryption import CURVE, MOST_BYTES, decoded, encoded, public_key, sealed
from tests.push.browser import Browser

SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_rfc_8291_is_sealed_to_the_byte() -> None:
    own = ec.derive_private_key(int.from_bytes(decoded(SENDER)), CURVE)
    plain = b"When I grow up, I want to be a watermelon"
    assert encoded(
        sealed(plain, decoded(RECEIVER), decoded(AUTH), own=own, salt=decoded(SALT))
    ) == (SEALED)


@settings(max_examples=30)
@given(st.binary(max_size=MOST_BYTES))
def test_the_browser_opens_what_was_sealed_for_it(plain: bytes) -> None:
    browser = Browser("https://exemple.ca")
    keys = browser.subscription()["keys"]
    body = sealed(plain, decoded(keys["p256dh"]), browser.auth)
    assert browser.opened(body) == plain
    assert len(body) <= 4_096
    assert body != sealed(plain, decoded(keys["p256dh"]), browser.auth)
    with pytest.raises(InvalidTag):
        Browser("https://exemple.ca").opened(body)


@pytest.mark.parametrize("data", [b"", b"\x04" * 65, b"\x04" + b"\0" * 64, b"\x02" + b"a" * 32])
def test_a_point_off_the_curve_is_no_key(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        public_key(data)


@given(st.text(max_size=200))
def test_any_text_is_bytes_or_told(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(decoded(text), bytes)
