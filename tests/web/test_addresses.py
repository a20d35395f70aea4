"""Addresses from browsers, made fit to keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.web.addresses import (
    line,
    page_of,
    plain_path,
)
from relance.origin import MAX_ADDRESS, in_ascii, origin_of

SITE = "https://www.exemple.ca"


@pytest.mark.parametrize(
    ("address", "path", "kept"),
    [
        (SITE, "/", SITE + "/"),
        (SITE + "/tarifs", "/tarifs", SITE + "/tarifs"),
        (SITE + "/tarifs/", "/tarifs", SITE + "/tarifs"),
        (SITE + "//evil.example/x", "/evil.example/x", SITE + "/evil.example/x"),
        (SITE + "/%C3%A9quipe", "/équipe", SITE + "/équipe"),
        (SITE + "/a%2Fb%23c", "/a%2Fb%23c", SITE + "/a%2Fb%23c"),
        (SITE + "/a#chapitre-2", "/a", SITE + "/a"),
        (SITE + "/app#/compte/factures", "/app#/compte/factures", SITE + "/app#/compte/factures"),
        (SITE + "/r?q=velo&page=2", "/r", SITE + "/r?q=velo&page=2"),
        (SITE + "/r?utm_source=x&q=velo&gclid=1", "/r", SITE + "/r?q=velo"),
        (SITE + "/r?token=abc&q=velo", "/r", SITE + "/r?q=velo"),
        (SITE + "/r?reset_code=1&mot_de_passe=2&X-Api-Key=3&email=a%40b.ca", "/r", SITE + "/r"),
        (SITE + "/r?qui=aline%40exemple.ca", "/r", SITE + "/r"),
        (SITE + "/r?z=0123456789abcdef0123456789abcdef", "/r", SITE + "/r"),
        (SITE + "/r?z=velo-de-route-carbone-2026-taille-54", "/r", SITE + "/r?z=velo-de-route-carbone-2026-taille-54"),
        (SITE + "/m/0123456789abcdef0123456789abcdef", "/m/…", SITE + "/m/…"),
        (SITE + "/m/aline@exemple.ca", "/m/…", SITE + "/m/…"),
        ("HTTPS://WWW.Exemple.CA:443/Tarifs", "/Tarifs", SITE + "/Tarifs"),
        ("http://été.ca/", "/", "http://xn--t-9fab.ca/"),
        # Browsers send the name as the present standard has it, not the one of 2003.
        ("http://Straße.de/", "/", "http://xn--strae-oqa.de/"),
        # What reads like another name, or turns the text around, stays encoded.
        (SITE + "/%E2%80%AEgpj", "/%E2%80%AEgpj", SITE + "/%E2%80%AEgpj"),
        (SITE + "/\u202egpj", "/%E2%80%AEgpj", SITE + "/%E2%80%AEgpj"),
    ],
)  # fmt: skip
def test_a_page_is_kept_by_its_path_and_its_address(address: str, path: str, kept: str) -> None:
    page = page_of(address)
    assert page is not None
    assert (page.path, page.address) == (path, kept)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/tarifs",
        "//evil.example/",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "ftp://exemple.ca/",
        "https://",
        "https://www.exemple.ca@evil.example/",
        "https://a:b@www.exemple.ca/",
        "https://www.exemple.ca:99999/",
        "https://www.exemple.ca:x/",
        "https://[::1/",
        "https://www.exemple.ca\\@evil.example/",
        "https://www.exemple.ca/\r\nSet-Cookie: a=b",
        "https://www.exemple.ca/\x00",
        "https://www.exemple.ca/<script>",
        "https://" + "é" * 300 + ".ca/",
        SITE + "/" + "x" * MAX_ADDRESS,
    ],
)
def test_what_is_no_page_of_the_web_is_not_kept(address: str) -> None:
    assert page_of(address) is None


def test_a_name_that_only_looks_like_ours_is_another_site() -> None:
    assert origin_of("https://www.ехemple.ca/") != SITE  # Cyrillic letters


def test_a_name_that_no_site_has_is_no_origin() -> None:
    assert [origin_of(f"https://a{sign}b.ca/") for sign in '<>"@\\\x7f '] == [None] * 7


def test_where_the_visitor_came_from_is_told_apart() -> None:
    page = page_of(SITE + "/?utm_source=infolettre&UTM_Medium=e%0Amail&utm_x=" + "y" * 900)
    assert page is not None
    assert page.came == {
        "utm_source": "infolettre",
        "utm_medium": "e mail",
        "utm_x": "y" * 100,
    }


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_comes_what_is_kept_can_be_shown(path: str, query: str) -> None:
    page = page_of(f"{SITE}/{path}?{query}")
    if page is not None:
        assert page.path.startswith("/")
        assert not page.path.startswith("//")
        assert page.address.isprintable()
        assert page.origin == SITE
        again = page_of(page.address)
        assert again is not None
        assert again.path == page.path


@given(st.text(max_size=200))
def test_a_path_is_the_same_read_twice(path: str) -> None:
    once = plain_path(path)
    assert plain_path(once) == once


@given(st.text(max_size=60))
def test_a_target_is_safe_in_a_header(path: str) -> None:
    target = in_ascii(f"https://été.ca/{path}")
    assert target is None or (target.isascii() and target.isprintable() and " " not in target)


def test_a_title_is_one_short_line() -> None:
    assert line("  Nos\n\ttarifs\x00\x1b[31m " + "!" * 900, 20) == "Nos tarifs [31m !!!!"[:20]
