"""What a site's pages tell, over real HTTP: kept, refused, never an error for the visitor."""

import json
from typing import Any

import pytest

from plugins.kit.pace import VISITOR, Pace
from tests.web.conftest import SITE, Browser, Site, visits


async def test_a_page_seen_is_an_event_of_the_visitor(site: Site, browser: Browser) -> None:
    answer = await browser.tell(
        {
            "e": "page",
            "u": SITE + "/tarifs?utm_source=infolettre",
            "r": "https://www.recherche.example/chemin?q=secret",
            "t": "Nos tarifs",
        }
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    await browser.see("/contact", referer=SITE + "/tarifs")
    assert await visits(site) == [
        (1, "page_visited", "/tarifs", SITE + "/tarifs"),
        (1, "page_visited", "/contact", SITE + "/contact"),
    ]
    (row, _) = await site.rows("SELECT properties FROM events ORDER BY id")
    assert json.loads(row.properties) == {
        "titre": "Nos tarifs",
        "provenance": "www.recherche.example",
        "utm-source": "infolettre",
    }


async def test_the_mark_is_a_cookie_no_script_can_read(browser: Browser) -> None:
    first = await browser.see("/")
    assert browser.mark is not None
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(browser.mark) >= 24
    again = await browser.see("/tarifs")
    assert "set-cookie" not in again.headers


async def test_the_mark_is_found_among_the_badly_written_cookies_of_others(
    site: Site, browser: Browser
) -> None:
    await browser.see("/")
    mark, browser.client.cookies = browser.mark, {}  # type: ignore[assignment]
    others = f'a={{"b": [1, 2]}}; sans; =x; {{}};; relance_visiteur={mark}; (c)=2'
    answer = await browser.tell({"e": "page", "u": SITE + "/"}, cookie=others)
    assert "set-cookie" not in answer.headers
    assert {lead for lead, *_ in await visits(site)} == {1}


async def test_two_browsers_are_two_visitors(site: Site, browser: Browser) -> None:
    other = Browser(site)
    await browser.see("/")
    await other.see("/")
    await other.client.aclose()
    assert browser.mark != other.mark
    assert [lead for lead, *_ in await visits(site)] == [1, 2]


async def test_the_pages_of_our_sites_may_speak_and_no_others(site: Site, browser: Browser) -> None:
    answer = await browser.see("/")
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    for origin in ("https://evil.example", "http://www.exemple.ca", SITE + ".evil.example", "null"):
        answer = await browser.tell({"e": "page", "u": SITE + "/"}, origin=origin)
        assert answer.status_code == 204
        assert "access-control-allow-origin" not in answer.headers
    # Our own page speaking of a page elsewhere.
    await browser.tell({"e": "page", "u": "https://evil.example/"})
    assert len(await visits(site)) == 1


async def test_a_beacon_that_cannot_name_its_site_is_heard_from_our_own_domain_only(
    site: Site, browser: Browser
) -> None:
    beacon = {"e": "page", "u": SITE + "/essai"}
    await browser.tell(beacon, origin="null", sec_fetch_site="cross-site")
    assert await visits(site) == []
    await browser.tell(
        {"e": "page", "u": "https://evil.example/"}, origin="null", sec_fetch_site="same-site"
    )
    assert await visits(site) == []
    await browser.tell(beacon, origin="null", sec_fetch_site="same-site")
    assert [subject for _, _, subject, _ in await visits(site)] == ["/essai"]


async def test_a_browser_may_ask_first(site: Site, browser: Browser) -> None:
    ask = {"origin": SITE, "access-control-request-method": "POST"}
    answer = await browser.client.options("/suivi", headers=ask)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "POST"
    other = await browser.client.options("/suivi", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("header", ["dnt", "sec_gpc"])
async def test_who_asks_not_to_be_followed_is_not_followed(
    site: Site, browser: Browser, header: str
) -> None:
    answer = await browser.see("/", **{header: "1"})
    assert "set-cookie" not in answer.headers
    await browser.get("/suivi.gif?p=" + SITE + "/", **{header: "1"})
    await browser.see("/", **{header: "0"})
    # Nor with a mark given before.
    await browser.see("/tarifs", **{header: "1"})
    assert [subject for _, _, subject, _ in await visits(site)] == ["/"]


async def test_where_consent_is_needed_nothing_is_kept_without_it(start: Any) -> None:
    async with start(sections={"web": {"sites": [SITE], "consentement": "requis"}}) as site:
        browser = Browser(site)
        assert "var requis = true;" in (await browser.get("/suivi.js")).text
        await browser.tell({"e": "page", "u": SITE + "/avant"})
        await browser.get("/suivi.gif?p=/pixel", referer=SITE + "/")
        form = {"courriel": "bruno@exemple.ca"}
        sent = await browser.client.post("/webhooks/forms/Contact", json=form)
        assert sent.status_code == 201
        assert browser.mark is None
        await browser.see("/apres")
        assert browser.mark is not None
        await browser.tell({"e": "retrait"})
        assert browser.mark == "non"
        await browser.client.aclose()
        assert [s for _, type_, s, _ in await visits(site) if type_ == "page_visited"] == ["/apres"]


async def test_consent_is_taken_back_even_by_who_asks_not_to_be_followed(browser: Browser) -> None:
    await browser.see("/")
    await browser.tell({"e": "retrait"}, dnt="1")
    assert browser.mark == "non"


HOSTILE: list[Any] = [
    b"",
    b"{",
    b"[]",
    b'"page"',
    b"null",
    b"\xff\xfe\x00",
    b"[" * 8_000,
    b'{"e": "page", "u": "\\ud800"}',
    {"e": "page"},
    {"e": "page", "u": None},
    {"e": "page", "u": 7},
    {"e": "page", "u": ["x"]},
    {"e": "page", "u": "javascript:alert(1)"},
    {"e": "page", "u": "//evil.example/"},
    {"e": "page", "u": SITE + "@evil.example/"},
    {"e": "page", "u": SITE + "/\r\nSet-Cookie: x=y"},
    {"e": "page", "u": SITE + "/" + "x" * 3_000},
    {"e": "lien", "u": SITE + "/"},
    {"e": "lien", "u": SITE + "/", "n": "", "h": "https://ailleurs.example/"},
    {"e": "lien", "u": SITE + "/", "n": " \x00\x1b ", "h": ""},
    {"e": "autre", "u": SITE + "/"},
    {"e": {"a": 1}, "u": SITE + "/"},
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
async def test_what_the_script_could_not_say_is_answered_and_not_kept(
    site: Site, browser: Browser, hostile: Any
) -> None:
    answer = await browser.tell(hostile)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await visits(site) == []


async def test_a_hit_too_large_is_refused_and_the_next_one_heard(
    site: Site, browser: Browser
) -> None:
    answer = await browser.tell(b'{"e":"page","t":"' + b"x" * 200_000 + b'"}')
    assert answer.status_code == 413
    await browser.see("/")
    assert len(await visits(site)) == 1


async def test_what_is_odd_is_kept_without_harm(site: Site, browser: Browser) -> None:
    odd = {"e": "page", "u": SITE + "/a'--%1b[31m?x=<", "r": "javascript:alert(1)", "t": 3}
    assert (await browser.tell(odd)).status_code == 204
    odd["u"] = SITE + "/a'--%1b[31m"
    odd["t"] = "<script>alert(1)</script>\x1b[2J\ud83d"
    assert (await browser.tell(json.dumps(odd).encode())).status_code == 204
    ((_, _, subject, address),) = await visits(site)
    assert subject == "/a'--%1b[31m"
    assert address == SITE + subject
    ((properties,),) = await site.rows("SELECT properties FROM events")
    assert json.loads(properties) == {"titre": "<script>alert(1)</script> [2J"}


async def test_a_page_that_cannot_be_kept_fills_no_log(
    site: Site, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await browser.see("/" + "é" * 1_500)).status_code == 204
    assert await visits(site) == []
    assert [one for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_the_pixel_tells_of_the_page_that_shows_it(site: Site, browser: Browser) -> None:
    answer = await browser.get("/suivi.gif?p=/tarifs&r=https://ailleurs.example/x", referer=SITE)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content.startswith(b"GIF89a")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    await browser.get("/suivi.gif", referer=SITE + "/contact")
    await browser.get("/suivi.gif?p=" + SITE + "/sans-provenance")
    await browser.client.head("/suivi.gif", headers={"referer": SITE + "/tete"})
    assert [subject for _, _, subject, _ in await visits(site)] == [
        "/tarifs",
        "/contact",
        "/sans-provenance",
    ]


@pytest.mark.parametrize(
    ("asked", "referer"),
    [
        ("", None),
        ("?p=/tarifs", None),
        ("?p=/tarifs", "https://evil.example/"),
        ("?p=https://evil.example/", SITE),
        ("?p=//evil.example/", SITE),
        ("?p=" + SITE + "/tarifs", "https://evil.example/"),
        ("?p=javascript:alert(1)", SITE),
        ("?p=%0d%0aSet-Cookie:a=b", SITE),
        ("?" + "p=/&" * 500, SITE),
    ],
)
async def test_a_pixel_shown_elsewhere_tells_nothing(
    site: Site, browser: Browser, asked: str, referer: str | None
) -> None:
    answer = await browser.get("/suivi.gif" + asked, **({"referer": referer} if referer else {}))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/gif"
    assert [row for row in await visits(site) if row[2] != "/"] == []


async def test_machines_are_not_people(site: Site, browser: Browser) -> None:
    robot = Browser(site, **{"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    await robot.see("/")
    nameless = Browser(site, **{"user-agent": ""})
    await nameless.see("/")
    assert robot.mark is nameless.mark is None
    await browser.see("/")
    # What a browser fetches ahead, its visitor has not seen.
    await browser.see("/tarifs", sec_purpose="prefetch;prerender")
    for one in (robot, nameless):
        await one.client.aclose()
    assert [(type_, subject) for _, type_, subject, _ in await visits(site)] == [
        ("page_visited", "/"),
        ("page_prefetched", "/tarifs"),
    ]
    ((said,),) = await site.rows("SELECT properties FROM events WHERE type = 'page_prefetched'")
    assert json.loads(said) == {"machine": True, "signes": ["préchargement annoncé"]}


def test_one_visitor_is_heard_so_many_times_a_minute() -> None:
    pace = Pace()
    heard = [pace.allows("a", "203.0.113.9", 0.0) for _ in range(VISITOR + 5)]
    assert heard.count(True) == VISITOR
    assert pace.allows("b", "203.0.113.9", 0.0)
    assert pace.allows("a", "203.0.113.9", 60.0)


def test_an_address_is_heard_so_many_times_a_minute_whoever_it_says_it_is() -> None:
    pace = Pace()
    heard = [pace.allows(None, f"2001:db8::{n:x}", 0.0) for n in range(400)]
    assert heard.count(True) == 300
    assert pace.allows(None, "2001:db8:1::1", 0.0)


async def test_the_script_is_small_ours_and_kept_an_hour(site: Site, browser: Browser) -> None:
    answer = await browser.get("/suivi.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(answer.content) < 3_000
    assert "http" not in answer.text.replace("https?:", "").replace('"https:"', "")
    again = await browser.get("/suivi.js", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "section",
    [
        {"site": [SITE]},
        {"sites": ["www.exemple.ca"]},
        {"sites": [SITE + "/tarifs"]},
        {"sites": [3]},
        {"consentement": "peut-être"},
    ],
)
async def test_a_wrong_setting_is_told_in_french(start: Any, section: dict[str, Any]) -> None:
    from relance.errors import ConfigurationError

    with pytest.raises(ConfigurationError, match=r"sites|consentement|Réglage"):
        async with start(sections={"web": section}):
            pass


async def test_the_rules_and_reports_see_pages_posted_and_pages_told_alike(
    site: Site, browser: Browser
) -> None:
    await browser.see("/")
    lead = {"visiteur": browser.mark}
    token = {"authorization": "Bearer jeton-de-test-assez-long"}
    posted = {"type": "page_visited", "sujet": "/tarifs", "lead": lead}
    answer = await browser.client.post("/webhooks/events", json=posted, headers=token)
    assert answer.status_code == 202
    assert [(lead, s) for lead, _, s, _ in await visits(site)] == [(1, "/"), (1, "/tarifs")]


def test_each_setting_is_documented() -> None:
    from pathlib import Path

    from plugins.web.settings import KEYS

    page = Path(__file__).parents[2] / "docs" / "suivi-du-site.md"
    text = page.read_text(encoding="utf-8")
    assert all(f"| `{key}` |" in text for key in KEYS)
