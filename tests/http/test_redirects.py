"""No form sends its visitor anywhere else than to an allowed site."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.http.redirects import allowed_redirect

OWN = "https://relance.ca"
SITES = frozenset({"https://boutique.ca", "http://test.ca:8000"})


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/merci", "https://relance.ca/merci"),
        ("/merci?a=b#c", "https://relance.ca/merci?a=b#c"),
        ("https://boutique.ca", "https://boutique.ca"),
        ("https://boutique.ca/é", "https://boutique.ca/%C3%A9"),
        ("https://BOUTIQUE.ca:443/x", "https://boutique.ca/x"),
        ("http://test.ca:8000/x", "http://test.ca:8000/x"),
    ],
)
def test_allowed_places_are_reached(target: str, location: str) -> None:
    assert allowed_redirect(target, OWN, SITES) == location


@pytest.mark.parametrize(
    "target",
    [
        "//pirate.ca",
        "/\\pirate.ca",
        "\\\\pirate.ca",
        "https://pirate.ca",
        "https://boutique.ca@pirate.ca",
        "https://boutique.ca:x@pirate.ca/",
        "https://x@boutique.ca/",
        "https://boutique.ca.pirate.ca",
        "https://boutique.ca\\.pirate.ca",
        "http://boutique.ca",
        "https://boutique.ca:444",
        "https:boutique.ca",
        "https:///boutique.ca",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a\r\nset-cookie: a=b",
        "/a\tb",
        " https://boutique.ca",
        "https://[boutique.ca",
        "",
        "/" + "a" * 3_000,
    ],
)
def test_no_other_place_is_reached(target: str) -> None:
    assert allowed_redirect(target, OWN, SITES) is None


_pieces = st.sampled_from(
    [
        "https:",
        "http:",
        "/",
        "//",
        "\\",
        "@",
        "boutique.ca",
        "pirate.ca",
        "relance.ca",
        ":",
        "443",
        "?",
        "#",
        "%2f",
        ".",
        "é",
        "\u2028",
        " ",
        "\n",
        ";",
    ]
)


@given(st.lists(_pieces, max_size=9).map("".join) | st.text(max_size=30))
@example("https://boutique.ca")
def test_whatever_is_answered_is_plain_and_allowed(target: str) -> None:
    location = allowed_redirect(target, OWN, SITES)
    if location is not None:
        assert location.isascii()
        assert not any(ord(letter) <= 32 for letter in location)
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}" in SITES | {OWN}
