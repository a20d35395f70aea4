"""Every page says who may ask for it, and is bounded like any other door."""

import re

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.http.conftest import Site, Start, plugin, route
from tests.pages import ASKED, CLOSED, OPEN


def filled(path: str) -> str:
    return path.replace("{lead}", "1").replace("{nom}", "introuvable")


async def test_the_pages_of_a_server_are_those_known_here_and_no_others(site: Site) -> None:
    routes = [one.path for one in site.runtime.app._pages.routes if isinstance(one, Route)]
    assert sorted(routes) == sorted(OPEN + CLOSED + ASKED)


@pytest.mark.parametrize("path", CLOSED)
async def test_a_page_of_the_operator_is_closed_to_others(site: Site, path: str) -> None:
    await site.post(data={"courriel": "secret@exemple.ca"})
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        for headers in ({}, {"cookie": "relance_operateur=x"}, {"authorization": "Bearer x"}):
            for method in ("GET", "HEAD"):
                refused = await stranger.request(method, filled(path), headers=headers)
                assert refused.status_code == 403
                assert "secret@" not in refused.text
    assert (await site.client.get(filled(path))).status_code == 200


@pytest.mark.parametrize("path", ASKED)
async def test_what_is_posted_by_the_operator_is_refused_to_others(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        assert (await stranger.post(path, json={})).status_code == 403
    assert (await site.client.post(path, json={})).status_code == 422


# An image is some project's: `tests/email/test_house_look.py` shows one.
@pytest.mark.parametrize("path", [path for path in OPEN if "{mark}" not in path])
async def test_a_page_of_the_public_is_open_to_all(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        assert (await stranger.get(filled(path))).status_code == 200


@pytest.mark.parametrize("path", [path for path in OPEN + CLOSED if "{" in path])
@pytest.mark.parametrize("place", ["9" * 5_000, "9" * 19, "²", "٣", "-1", "%00", "\u2028"])
async def test_an_address_that_names_nothing_is_not_found(
    site: Site, path: str, place: str
) -> None:
    asked = path.partition("{")[0] + place
    async with httpx.AsyncClient(base_url=site.runtime.url) as stranger:
        refused = await stranger.get(asked)
    assert refused.status_code == (403 if path in CLOSED else 404)
    assert (await site.client.get(asked)).status_code == 404


async def test_a_link_lets_in_to_whatever_page_it_leads_to(site: Site) -> None:
    operator = site.runtime.operator
    async with httpx.AsyncClient() as browser:
        came = await browser.get(operator.link(site.runtime.url, "/parcours"))
        assert (came.status_code, came.headers["location"]) == (303, "/parcours")
        assert (await browser.get(f"{site.runtime.url}/parcours")).status_code == 200


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
    assert re.search(r"Numéro d’incident.*<b>[0-9a-f]{16}</b>", answer.text)


async def test_a_plugin_stands_in_for_no_page_nor_for_what_would_be_below_it(start: Start) -> None:
    async def other(_: Request) -> Response:
        return Response("une extension")

    paths = [filled(path) for path in OPEN + CLOSED]
    below = ["/sante/autre", "/parcours/1/autre", "/problemes/a/b"]
    usurper = plugin(*(route(path, other) for path in [*paths, *below, "/autre"]))
    async with start(plugins=usurper) as site:
        assert (await site.client.get("/autre")).text == "une extension"
        for path in paths:
            assert (await site.client.get(path)).text != "une extension", path
        for path in below:
            assert (await site.client.get(path)).status_code == 404, path
