"""Tracked links: their short addresses, where they lead, who followed them."""

import pytest

from dsl.rules import TrackedLink
from relance.link import Link
from server.store.links import all_links, declare
from server.store.store import Store
from server.tokens import Signer
from tests.web.conftest import SITE, Browser, Site, visits

MAY = TrackedLink(
    "Infolettre de mai",
    SITE + "/promo?b=2&utm_source=site#prix",
    {"utm_source": "relance", "utm_medium": "courriel", "utm_campaign": "Été & co"},
)
DOCS = TrackedLink("Documentation", "https://docs.exemple.net/guide/")


@pytest.fixture(autouse=True)
async def declared(site: Site) -> None:
    await site.runtime.host.declare_links([MAY, DOCS])


async def slug(site: Site, name: str = MAY.name) -> str:
    (found,) = [link.slug for link in await site.runtime.host.links() if link.name == name]
    return f"/l/{found}"


async def test_a_short_address_leads_where_the_link_does(site: Site, browser: Browser) -> None:
    answer = await browser.get(await slug(site))
    assert answer.status_code == 302
    assert answer.headers["location"] == (
        SITE + "/promo?b=2&utm_source=site&utm_medium=courriel"
        "&utm_campaign=%C3%A9t%C3%A9%20%26%20co#prix"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert await visits(site) == [(1, "link_clicked", MAY.name, MAY.url)]
    await browser.see("/promo")
    assert {who for who, *_ in await visits(site)} == {1}


async def test_a_slug_is_short_the_same_for_ever_and_tells_nothing(site: Site) -> None:
    before = await slug(site)
    await site.runtime.host.declare_links([MAY])
    assert await slug(site) == before
    assert len(before) == len("/l/") + 10
    assert before[3:].isalnum()
    one, other = Signer(b"a" * 32), Signer(b"b" * 32)
    assert one.slug("lien", "mai") == one.slug("lien", "mai") != other.slug("lien", "mai")


async def test_a_link_withdrawn_from_the_rules_still_leads_there(
    site: Site, browser: Browser
) -> None:
    short = await slug(site)
    await site.runtime.host.declare_links([])
    assert [link.withdrawn for link in await site.runtime.host.links()] == [True, True]
    assert (await browser.get(short)).status_code == 302
    await site.runtime.host.declare_links([MAY])
    assert {link.name: link.withdrawn for link in await site.runtime.host.links()} == {
        MAY.name: False,
        DOCS.name: True,
    }


async def test_links_are_known_again_after_a_restart(site: Site) -> None:
    async with site.runtime.store.read() as conn:
        assert await all_links(conn) == await site.runtime.host.links()


@pytest.mark.parametrize("wrong", ["aaaaaaaaaa", "A", "é", "..%2f", "%00", "x" * 2_000])
async def test_an_unknown_short_address_is_like_any_page_that_is_not_there(
    site: Site, browser: Browser, wrong: str
) -> None:
    missing = await browser.get("/nulle-part")
    answer = await browser.get("/l/" + wrong)
    assert (answer.status_code, answer.text) == (404, missing.text)
    assert await visits(site) == []


async def test_what_only_looks_or_never_comes_back_has_not_clicked(
    site: Site, browser: Browser
) -> None:
    short = await slug(site)
    assert (await browser.client.head(short)).status_code == 302
    assert (await browser.get(short, accept="*/*", user_agent="curl/8.5")).status_code == 302
    assert (await browser.get(short, user_agent="WhatsApp/2.2")).status_code == 302
    assert (await browser.get(short, dnt="1")).status_code == 302
    assert (await browser.get(short, sec_fetch_dest="image")).status_code == 302
    assert await visits(site) == []


async def test_a_marked_link_of_a_page_is_told_by_its_name(site: Site, browser: Browser) -> None:
    await browser.click("Essai gratuit", "https://app.exemple.net/essai?token=secret&plan=2")
    await browser.click("Écrivez-nous", "mailto:info@exemple.ca")
    assert await visits(site) == [
        (1, "link_clicked", "Essai gratuit", "https://app.exemple.net/essai?plan=2"),
        (1, "link_clicked", "Écrivez-nous", None),
    ]


async def test_a_link_that_the_rules_declare_is_known_by_where_it_leads(
    site: Site, browser: Browser
) -> None:
    await browser.click("", "https://docs.exemple.net/guide?utm_source=x")
    await browser.click("", "https://docs.exemple.net/autre")
    assert await visits(site) == [(1, "link_clicked", DOCS.name, DOCS.url)]


async def test_a_link_that_leads_nowhere_on_the_web_is_not_followed(
    site: Site, browser: Browser
) -> None:
    for url in ("javascript:alert(1)", "//evil.example", "https://a@b.example/", "ftp://a.example"):
        await site.runtime.host.declare_links([TrackedLink("Piège", url)])
        assert (await browser.get(await slug(site, "Piège"))).status_code == 404


async def test_links_are_kept_on_both_stores(store: Store) -> None:
    may = Link("Été", SITE, "abcdefghij", {"utm_source": "x"})
    async with store.write() as conn:
        await declare(conn, [may, Link("Autre", SITE, "klmnopqrst")])
        await declare(conn, [Link("été", SITE + "/2", "abcdefghij")])
    async with store.read() as conn:
        assert await all_links(conn) == (
            Link("Autre", SITE, "klmnopqrst", withdrawn=True),
            Link("été", SITE + "/2", "abcdefghij"),
        )
