"""A visitor becomes somebody: by a form, or by the link of a message sent to them."""

import json
from typing import Any

import pytest

from dsl.rules import TrackedLink
from tests.web.conftest import SECTIONS, SITE, Browser, Site, visits

TEMPLATE_LINK = "https://www.exemple.ca/essai"


async def lead(site: Site, email: str) -> int:
    answer = await site.post(json={"courriel": email})
    assert answer.status_code == 201
    ((found,),) = await site.rows(
        f"SELECT lead_id FROM identities WHERE kind = 'email' AND value = '{email}'"
    )
    return int(found)


async def link(site: Site, lead: int) -> str:
    """The address that a message sent to the lead holds, as the e-mail plugin makes it."""
    host = site.runtime.host
    message, url, name = await host.keep(["Tarifs", TEMPLATE_LINK, "Essai"])
    token = host.sign("click", lead, f"m{lead}", url, name, message, 0)
    return f"/c/{token}"


async def of_lead(site: Site, lead: int) -> list[str | None]:
    return [subject for who, _, subject, _ in await visits(site) if who == lead]


async def test_a_form_says_who_the_visitor_was(site: Site, browser: Browser) -> None:
    await browser.see("/tarifs")
    await browser.client.post("/webhooks/forms/Contact", json={"courriel": "aline@exemple.ca"})
    await browser.see("/merci")
    assert await of_lead(site, 1) == ["/tarifs", "Contact", "/merci"]


async def test_a_followed_link_says_who_the_visitor_is_from_then_on(
    site: Site, browser: Browser
) -> None:
    await browser.see("/tarifs")
    aline = await lead(site, "aline@exemple.ca")
    answer = await browser.get(await link(site, aline))
    assert (answer.status_code, answer.headers["location"]) == (302, TEMPLATE_LINK)
    await browser.see("/essai")
    assert await of_lead(site, aline) == ["Contact", "Essai", "/essai"]
    assert await of_lead(site, 1) == ["/tarifs"], "whose browser it was before, a link does not say"


async def test_a_browser_that_had_no_mark_is_given_one(site: Site, browser: Browser) -> None:
    aline = await lead(site, "aline@exemple.ca")
    await browser.get(await link(site, aline))
    assert browser.mark is not None
    await browser.see("/essai")
    assert await of_lead(site, aline) == ["Contact", "Essai", "/essai"]


async def test_while_a_click_is_weighed_its_browser_is_nobodys_yet(start: Any) -> None:
    import asyncio

    async with start(sections={**SECTIONS, "email": {"attente_des_clics": "1 s"}}) as site:
        browser = Browser(site)
        aline = await lead(site, "aline@exemple.ca")
        await browser.get(await link(site, aline))
        await browser.see("/essai")
        assert await of_lead(site, aline) == ["Contact"]
        for _ in range(100):
            if len(await of_lead(site, aline)) == 3:
                break
            await asyncio.sleep(0.05)
        await browser.see("/ensuite")
        await browser.client.aclose()
        assert sorted(map(str, await of_lead(site, aline))) == [
            "/ensuite",
            "/essai",
            "Contact",
            "Essai",
        ]


async def test_a_forwarded_message_makes_nobody_somebody_else(site: Site, browser: Browser) -> None:
    aline = await lead(site, "aline@exemple.ca")
    await browser.client.post("/webhooks/forms/Contact", json={"courriel": "bruno@exemple.ca"})
    bruno = await lead(site, "bruno@exemple.ca")
    await browser.see("/avant")
    await browser.get(await link(site, aline))
    await browser.see("/apres")
    assert await of_lead(site, bruno) == ["Contact", "Contact", "/avant", "/apres"]
    assert await of_lead(site, aline) == ["Contact", "Essai"]
    assert (await site.rows("SELECT count(*) FROM leads WHERE merged_into IS NOT NULL"))[0][0] == 0


async def test_who_followed_a_forwarded_link_may_still_say_who_they_are(
    site: Site, browser: Browser
) -> None:
    aline = await lead(site, "aline@exemple.ca")
    await browser.get(await link(site, aline))
    await browser.client.post("/webhooks/forms/Contact", json={"courriel": "bruno@exemple.ca"})
    await browser.see("/apres")
    bruno = await lead(site, "bruno@exemple.ca")
    assert aline != bruno
    assert await of_lead(site, aline) == ["Contact", "Essai"]
    assert "/apres" in await of_lead(site, bruno)


@pytest.mark.parametrize("header", [{"dnt": "1"}, {"sec-gpc": "1"}])
async def test_a_link_marks_nobody_who_asks_not_to_be_followed(
    site: Site, header: dict[str, str]
) -> None:
    browser = Browser(site, **header)
    aline = await lead(site, "aline@exemple.ca")
    await browser.get(await link(site, aline))
    form = {"courriel": "aline@exemple.ca"}
    await browser.client.post("/webhooks/forms/Contact", json=form)
    await browser.client.aclose()
    assert browser.mark is None
    assert await site.rows("SELECT value FROM identities WHERE kind = 'visitor'") == []


async def test_who_took_their_mark_back_gets_none_anywhere_until_they_agree_again(
    site: Site, browser: Browser
) -> None:
    await site.runtime.host.declare_links([TrackedLink("Mai", SITE + "/mai")])
    (short,) = await site.runtime.host.links()
    aline = await lead(site, "aline@exemple.ca")
    await browser.see("/avant")
    await browser.tell({"e": "retrait"})
    unsaid = {"e": "page", "u": SITE + "/apres", "c": 0}
    form = {"courriel": "aline@exemple.ca"}
    for answer in (
        await browser.tell(unsaid),
        await browser.get("/suivi.gif?p=/pixel", referer=SITE + "/"),
        await browser.get(f"/l/{short.slug}"),
        await browser.get(await link(site, aline)),
        await browser.client.post("/webhooks/forms/Contact", json=form),
    ):
        assert "set-cookie" not in answer.headers
    assert [s for _, type_, s, _ in await visits(site) if type_ == "page_visited"] == ["/avant"]
    await browser.see("/encore")
    assert len(str(browser.mark)) > 16
    assert (await visits(site))[-1][2] == "/encore"


@pytest.mark.parametrize("mark", ["", "; relance_visiteur=" + "m" * 24])
async def test_a_banner_of_the_site_that_says_no_is_heard_by_the_server(
    site: Site, mark: str
) -> None:
    browser = Browser(site, cookie="relance_consentement=non" + mark)
    aline = await lead(site, "aline@exemple.ca")
    form = {"courriel": "bruno@exemple.ca"}
    for answer in (
        await browser.see("/"),
        await browser.get(await link(site, aline)),
        await browser.client.post("/webhooks/forms/Contact", json=form),
    ):
        assert "set-cookie" not in answer.headers
    await browser.client.aclose()
    assert await site.rows("SELECT value FROM identities WHERE kind = 'visitor'") == []


async def test_a_scanner_is_not_the_reader(site: Site, browser: Browser) -> None:
    await browser.see("/")
    aline = await lead(site, "aline@exemple.ca")
    await browser.get(await link(site, aline), user_agent="Mozilla/5.0 (Barracuda Sentinel)")
    assert await of_lead(site, 1) == ["/"]


async def test_where_consent_is_needed_a_link_marks_nobody(start: Any) -> None:
    web = {"sites": [SITE], "consentement": "requis"}
    async with start(sections={**SECTIONS, "web": web}) as site:
        browser = Browser(site)
        aline = await lead(site, "aline@exemple.ca")
        await browser.get(await link(site, aline))
        assert browser.mark is None
        # One who agreed is known by the mark they bring.
        await browser.see("/")
        await browser.get(await link(site, aline))
        await browser.client.aclose()
        assert await of_lead(site, aline) == ["Contact", "Essai", "Essai"]


async def test_a_followed_link_gives_nobody_the_score_of_before(
    site: Site, browser: Browser
) -> None:
    await browser.see("/")
    async with site.runtime.store.write() as conn:
        table = site.runtime.store.fields.table
        await conn.execute(table.update().where(table.c.id == 1).values(score=30))
    aline = await lead(site, "aline@exemple.ca")
    await browser.get(await link(site, aline))
    rows = await site.rows(f"SELECT score FROM leads WHERE id = {aline}")
    assert [row.score for row in rows] == [0]


async def test_a_page_told_twice_at_once_is_one_visitor(site: Site, browser: Browser) -> None:
    import asyncio

    await browser.see("/")
    await asyncio.gather(*(browser.see(f"/{n}") for n in range(8)))
    assert {who for who, *_ in await visits(site)} == {1}
    assert json.dumps(browser.mark)
