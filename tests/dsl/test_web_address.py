"""Addresses people are sent to: what is refused, and how UTM parameters are added."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.web_address import UTM, refused, with_utm

MAI = {"utm_source": "Infolettre", "utm_medium": "courriel"}


@pytest.mark.parametrize(
    "url",
    [
        "https://www.exemple.ca",
        "http://exemple.ca:8080/a/b?c=d#e",
        "HTTPS://exemple.ca/é?q=été",
        "https://exemple.ca/a//b",
        "https://[2001:db8::1]:443/",
        "https://münchen.example/",
    ],
)
def test_an_ordinary_address_will_do(url: str) -> None:
    assert refused(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.exemple.ca/tarifs",
        "//exemple.ca",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "mailto:aline@exemple.ca",
        "ftp://exemple.ca",
        "https://",
        "https:///tarifs",
        "https://?a=b",
        "https://:443/",
        "https://exemple.ca:port/",
        "https://exemple.ca:99999/",
        "https://aline:secret@exemple.ca/",
        "https://exemple.ca@ailleurs.example/",
        "https://exemple.ca\\@ailleurs.example/",
        "https://exemple.ca/a b",
        "https://exemple.ca/\u200b",
        "https://exemple.ca/\n",
        "https://<b>/",
        "https://[::1",
        "https://exemple.ca/" + "a" * 2_000,
    ],
)
def test_what_would_lead_nowhere_or_astray_is_refused_in_french(url: str) -> None:
    reason = refused(url)
    assert reason is not None
    assert reason[0].islower()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.ca", "https://a.ca?utm_source=infolettre&utm_medium=courriel"),
        ("https://a.ca/#b", "https://a.ca/?utm_source=infolettre&utm_medium=courriel#b"),
        (
            "https://a.ca/?z=1&a=2",
            "https://a.ca/?z=1&a=2&utm_source=infolettre&utm_medium=courriel",
        ),
        ("https://a.ca/?utm_source=X", "https://a.ca/?utm_source=X&utm_medium=courriel"),
        ("https://a.ca/p?", "https://a.ca/p?utm_source=infolettre&utm_medium=courriel"),
        (
            "https://a.ca/p#/a?b",
            "https://a.ca/p?utm_source=infolettre&utm_medium=courriel#/a?b",
        ),
        ("https://a.ca/?UTM_Source=&b", "https://a.ca/?UTM_Source=&b&utm_medium=courriel"),
        ("mailto:a@b.ca", "mailto:a@b.ca"),
        ("tel:+15145551234", "tel:+15145551234"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_parameters_are_added_where_they_are_lacking(url: str, found: str) -> None:
    assert with_utm(url, MAI) == found


def test_a_value_is_escaped_in_lower_case_and_an_empty_one_left_out() -> None:
    added = with_utm("https://a.ca", {"utm_campaign": " Été & Cie #1 ", "utm_term": " "})
    assert added == "https://a.ca?utm_campaign=%C3%A9t%C3%A9%20%26%20cie%20%231"


@given(
    st.dictionaries(st.sampled_from(sorted(UTM.values())), st.text(max_size=20), max_size=5),
    st.sampled_from(["", "?a=b&c", "?utm_source=x", "#f", "?a=%20&a=+#f?g"]),
)
def test_what_an_address_says_already_stays_as_it_is(utm: dict[str, str], rest: str) -> None:
    url = f"https://a.ca/p{rest}"
    made = with_utm(url, utm)
    before, after = urlsplit(url), urlsplit(made)
    assert (after.scheme, after.netloc, after.path) == ("https", "a.ca", "/p")
    assert after.fragment == before.fragment
    assert after.query.startswith(before.query)
    assert with_utm(made, utm) == made
    parameters = dict(parse_qsl(after.query, keep_blank_values=True))
    wanted = {name for name, value in utm.items() if value.strip()}
    assert wanted <= set(parameters)
