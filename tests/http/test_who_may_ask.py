"""Every page says who may ask for it, and is bounded like any other door."""

from html import escape
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relance.access_role import AccessRole
from server.access.actor import Actor
from server.store.instants import HOUR
from server.web.page import Access, Page
from server.web.reach import PageRoute
from tests.http.conftest import Site, Start, plugin, route
from tests.http.straight import status_of
from tests.pages import CLOSED, ENDLESS, OPEN, WRITTEN
from tests.signed import browser_of, session_of, sign_in, token_of


def filled(path: str) -> str:
    given = {"lead": "1", "nom": "introuvable", "compte": "1", "numero": "1", "campagne": "1"}
    given |= {
        "ordre": "pause",
        "modele": "bienvenue",
        "partie": "etapes.csv",
        "file:path": "a.relance",
    }
    for place, value in given.items():
        path = path.replace(f"{{{place}}}", value)
    return path


def asking(access: Access) -> set[AccessRole]:
    """The roles that open what is so declared."""
    return set(AccessRole) if access.role is None else {access.role}


async def test_the_pages_of_a_server_are_those_known_here_and_no_others(site: Site) -> None:
    routes = [one.path for one in site.runtime.app._pages.routes if isinstance(one, Route)]
    assert sorted(routes) == sorted([*OPEN, *CLOSED])


def closed_routes(site: Site) -> list[tuple[Route, str, Access]]:
    """Each method of each page that is not open to all."""
    routes = [one for one in site.runtime.app._pages.routes if isinstance(one, Route)]
    return [
        (one, method, (WRITTEN if one.path in WRITTEN and method == "POST" else CLOSED)[one.path])
        for one in routes
        if one.path in CLOSED and one.path != "/deconnexion"
        for method in sorted(one.methods or ())
    ]


async def test_each_page_opens_to_the_role_it_declares_and_to_no_other(site: Site) -> None:
    """Every route, by each of its methods, for each role alone, by a session and by a token.

    What a page answers to whom it opens is tried elsewhere: here it only says that it was reached.
    """

    async def reached(_: Request) -> Response:
        return Response(status_code=204)

    for one in site.runtime.app._pages.routes:
        if isinstance(one, PageRoute):
            object.__setattr__(one.page, "answer", reached)
    wrong = []
    for role in AccessRole:
        token = {"authorization": f"Bearer {await token_of(site.runtime, role)}"}
        browser = await browser_of(site.runtime, role)
        for one, method, access in closed_routes(site):
            may = role in asking(access)
            for headers in (browser, token) if _for_programs(one) else (browser,):
                found = await status_of(site.runtime, method, filled(one.path), headers)
                if (found == 204) is not may:
                    wrong.append((role, method, one.path, found))
    # A page asks people for their password again, and no token could give it, whatever it may do.
    token = {"authorization": f"Bearer {await token_of(site.runtime, *AccessRole)}"}
    for one, method, _ in closed_routes(site):
        if not _for_programs(one):
            found = await status_of(site.runtime, method, filled(one.path), token)
            if found == 204:
                wrong.append(("token", method, one.path, 204))
    assert wrong == []


def _for_programs(route: Route) -> bool:
    return "/api/v1/" in route.path


async def test_a_token_does_not_make_itself_an_heir(site: Site) -> None:
    """Whoever steals one for a month has it for a month: it makes no account, and no other token."""
    token = await token_of(site.runtime, *AccessRole)
    headers = {"authorization": f"Bearer {token}", "accept": "text/html"}
    given = {
        "nom": "Intrus",
        "courriel": "intrus@exemple.ca",
        "duree": "365",
        "roles": "administer",
    }
    async with httpx.AsyncClient(base_url=site.runtime.url, headers=headers) as program:
        for path in ("/utilisateurs", "/jetons", "/utilisateurs/1"):
            refused = await program.post(path, data=given)
            assert (refused.status_code, refused.json()["type"][-9:]) == (403, "personnes"), path
    assert await site.rows("SELECT count(*) FROM accounts") == [(1,)]
    assert await site.rows("SELECT count(*) FROM api_tokens") == [(1,)]
    # Nor is one made that could, were pages to open to it one day.
    refused = await site.client.post("/jetons", data=given | {"programme": "x"})
    assert refused.status_code == 422
    assert "ne gère ni comptes ni jetons" in refused.text


async def test_each_is_led_to_a_page_that_is_theirs_and_never_shut_in(site: Site) -> None:
    begins = {
        AccessRole.READ: "",
        AccessRole.WRITE: "",
        AccessRole.PUBLISH: "/publier",
        AccessRole.PERSONAL: "/leads",
        AccessRole.ADMINISTER: "/utilisateurs",
    }
    asked = {"accept": "text/html"}
    async with httpx.AsyncClient(base_url=site.runtime.url, headers=asked) as member:
        for role, begin in begins.items():
            await sign_in(site.runtime, member, [role], f"{role.code}@exemple.ca")
            home = await member.get("/")
            assert home.headers.get("location", "") == begin, role
            if begin:
                assert (await member.get(begin)).status_code == 200
            for path in ("/journal", "/campagnes", "/parcours"):
                strayed = await member.get(path)
                if strayed.status_code == 403:
                    for way in ('href="/compte"', 'action="/deconnexion"', f'href="{begin}"'):
                        assert way in strayed.text or way == 'href=""', (role, path, way)


async def test_nobody_comes_in_by_no_session_or_one_that_is_over_or_a_wrong_token(
    site: Site,
) -> None:
    revoked = await token_of(site.runtime, *AccessRole)
    over = await token_of(site.runtime, *AccessRole, days=-1)
    await site.runtime.access.integrations.revoke(Actor("x", "y"), 1)
    ended = await session_of(site.runtime)
    register = site.runtime.access.register
    async with register.store.write() as conn:
        await conn.execute(text("UPDATE sessions SET seen_at = seen_at - :h"), {"h": 13 * HOUR})
    strangers: tuple[dict[str, str], ...] = (
        {},
        {"cookie": "relance_session=x"},
        {"cookie": f"relance_session={ended}"},
        {"authorization": "Bearer x"},
        {"authorization": f"Bearer {revoked}"},
        {"authorization": f"Bearer {over}"},
    )
    # By each of them in turn: what they bring is read in one place, before any page.
    for at, (one, method, _) in enumerate(closed_routes(site)):
        headers = strangers[at % len(strangers)]
        assert await status_of(site.runtime, method, filled(one.path), headers) == 401
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        sent = await stranger.get("/parcours/1", headers={"accept": "text/html"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/connexion?suite=/parcours/1")
        # Wherever one was going, one is led there from door to door, as the address was written.
        going = "/rapports/maison?du=2026-11-01&au=2026-11-30&nom=%C3%A9t%C3%A9"
        sent = await stranger.post("/connexion/code", data={"code": "1", "suite": going})
        door = await stranger.get(sent.headers["location"])
        assert f'name="suite" value="{escape(going)}"' in door.text


def test_a_page_that_does_not_say_who_may_ask_for_it_cannot_be_made() -> None:
    async def answer(_: Request) -> Response:
        return Response("")

    with pytest.raises(TypeError):
        Page("/ouverte", None, answer)  # type: ignore[arg-type]


async def test_another_site_changes_nothing_through_a_browser_that_is_signed_in(
    site: Site,
) -> None:
    foreign = (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://mal.example"},
        {"origin": "null"},
        {"x-relance-sceau": ""},
        {"x-relance-sceau": "faux"},
        {"x-relance-sceau": "faux", "content-type": "application/json"},
        {"origin": "https://mal.example", "content-type": "application/json"},
    )
    for headers in foreign:
        for path in ("/compte/nom", "/utilisateurs", "/jetons", "/parcours", "/deconnexion"):
            refused = await site.client.post(path, data={"nom": "Autre"}, headers=headers)
            assert refused.status_code == 403, (path, headers)
    assert (await site.client.get("/compte")).status_code == 200


async def test_a_script_of_our_pages_asks_by_what_the_browser_says_of_it(site: Site) -> None:
    del site.client.headers["x-relance-sceau"]
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": site.runtime.url}):
        asked = await site.client.post("/api/v1/language/check", json={}, headers=headers)
        assert asked.status_code == 422


# An image is some project's: `tests/email/test_house_look.py` shows one.
async def test_a_page_of_the_public_is_open_to_all(site: Site) -> None:
    routes = [one for one in site.runtime.app._pages.routes if isinstance(one, Route)]
    looked_at = {one.path for one in routes if "GET" in (one.methods or ())}
    looked_at -= {"/connexion/fournisseur", "/connexion/fournisseur/retour"}  # no provider is set
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        for path in filter(looked_at.__contains__, OPEN):
            if "{mark}" not in path and "{jeton}" not in path:  # an image, a link
                assert (await stranger.get(filled(path))).status_code == 200, path


async def test_an_address_that_names_nothing_is_not_found(site: Site) -> None:
    routes = [one for one in site.runtime.app._pages.routes if isinstance(one, Route)]
    taken, wrong = {one.path: one.methods or set() for one in routes}, []
    browser = await browser_of(site.runtime, *AccessRole)
    for path in (path for path in (*OPEN, *CLOSED) if "{" in path):
        before, _, rest = path.partition("{")
        method = "GET" if "GET" in taken[path] else "POST"
        rest = rest.replace("{ordre}", "pause").replace("{partie}", "x").replace("{file}", "x")
        for place in ("9" * 5_000, "9" * 19, quote("٣"), "%00"):
            asked = before + place + rest.partition("}")[2]
            refused = await status_of(site.runtime, method, asked)
            found = await status_of(site.runtime, method, asked, browser)
            if (refused, found) != (401 if path in CLOSED else 404, 404):
                wrong.append((path, place[:20], refused, found))
    assert wrong == []


async def test_a_page_takes_no_more_than_a_form_and_by_no_other_method(site: Site) -> None:
    large = await site.client.post("/parcours", content=b"qui=" + b"x" * 70_000)
    assert large.status_code == 413
    refused = await site.client.put("/parcours")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")
    refused = await site.client.post("/sante")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_a_slash_too_many_sends_nowhere(site: Site) -> None:
    """A redirection would be made of the Host header, which a stranger writes."""
    answer = await site.client.get("/parcours/", headers={"host": "mal.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_a_page_that_fails_says_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("server.web.journeys.latest_leads", broken)
    answer = await site.client.get("/parcours", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_plugin_stands_in_for_no_page_nor_for_what_would_be_below_it(start: Start) -> None:
    async def other(_: Request) -> Response:
        return Response("une extension")

    paths = [filled(path) for path in (*OPEN, *CLOSED)]
    below = ["/sante/autre", "/parcours/1/autre", "/problemes/a/b"]
    usurper = plugin(*(route(path, other) for path in [*paths, *below, "/autre"]))
    async with start(plugins=usurper) as site:
        assert (await site.client.get("/autre")).text == "une extension"
        async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
            for path in set(paths) - set(ENDLESS):  # closed, then: a plugin's would be open
                assert (await stranger.get(path)).text != "une extension", path
        for path in below:
            assert (await site.client.get(path)).status_code == 404, path
