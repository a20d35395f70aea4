"""What a browser is given to come back with, where it is sent, and what is told while the base is away."""

import httpx
import pytest
from sqlalchemy import Engine, event

from relance.errors import StoreUnavailable
from server.web.guard import onward
from tests.http.conftest import Site, Start


async def test_over_tls_the_session_is_bound_to_this_very_site(start: Start) -> None:
    async with start(public_url="https://relance.exemple.ca") as site:
        path = await site.runtime.access.team.entry_link("zoe@exemple.ca", "Zoé")
        async with httpx.AsyncClient(base_url=site.runtime.url) as browser:
            came = await browser.get(path)
        name, _, rest = came.headers["set-cookie"].partition("=")
        assert name == "__Host-relance"
        said = {part.strip().lower() for part in rest.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= said
        assert not any(part.startswith("domain") for part in said)


ELSEWHERE = (
    *("//mal.example", "/\\mal.example", "/\\/mal.example", "https:mal.example", "mal.example"),
    *("https://mal.example", "javascript:alert(1)", "/a\r\nb: c", "/\u2028", "", "/" + "a" * 600),
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_leads_to_a_page_of_ours_whatever_the_address_says(path: str) -> None:
    assert onward(path) == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for() -> None:
    assert onward("/parcours/12") == "/parcours/12"


async def test_who_was_let_in_is_told_what_is_wrong_while_the_base_does_not_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await site.client.get("/etat")).status_code == 200

    def away() -> None:
        raise StoreUnavailable("la base est partie")

    monkeypatch.setattr(site.runtime.store, "read", away)
    shown = await site.client.get("/etat", headers={"accept": "text/html"})
    assert shown.status_code == 503
    assert "État du serveur" in shown.text
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        refused = await stranger.get("/etat", headers={"cookie": "relance_session=x"})
    assert (refused.status_code, "État" in refused.text) == (503, False)


async def test_a_proxy_that_is_trusted_says_from_where_one_tries(start: Start) -> None:
    async with start(proxies=("127.0.0.1",)) as site:
        headers = {"x-forwarded-for": "203.0.113.9"}
        path = await site.runtime.access.team.entry_link("zoe@exemple.ca", "Zoé")
        async with httpx.AsyncClient(base_url=site.runtime.url, headers=headers) as browser:
            await browser.get(path)
        (row,) = await site.rows("SELECT origin FROM audit_log WHERE action = 'connexion'")
        assert row.origin == "203.0.113.9"


async def test_one_statement_says_whose_browser_asks_for_a_page(site: Site) -> None:
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert (await site.client.get("/touches")).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([one for one in asked if "FROM sessions" in one or "FROM accounts" in one]) == 1
