"""Plugins' routes: guards that no plugin can forget."""

import time

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from relance.errors import ConfigurationError
from relance.host import Host
from relance.route import Guard
from relance.webhook_signature import sign
from server.runtime import Runtime
from server.settings import Settings
from tests.http.conftest import Start, plugin, route

SECRET = "whsec_" + "QUFB" * 8


async def _echo(request: Request) -> Response:
    return Response(f"{request.method} {dict(request.path_params)} {dict(request.query_params)}")


async def test_a_public_route_gets_its_parameters(start: Start) -> None:
    async with start(plugins=plugin(route("/p/{nom}", _echo))) as site:
        answer = await site.client.get("/p/abc?x=1")
        assert answer.text == "GET {'nom': 'abc'} {'x': '1'}"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (await site.client.get("/p/a/b")).status_code == 404
        refused = await site.client.post("/p/abc")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


async def test_a_token_route_opens_only_to_tokens_of_its_purpose(start: Start) -> None:
    hosts: list[Host] = []
    opened = plugin(
        route("/c/{token}", _echo, Guard.TOKEN, purpose="click"),
        route("/o/{token}.gif", _echo, Guard.TOKEN, purpose="open"),
        on_host=hosts.append,
    )
    async with start(plugins=opened) as site:
        token = hosts[0].sign("click", 12, "é.x")
        assert "'0': '12', '1': 'é.x'" in (await site.client.get(f"/c/{token}")).text
        image = await site.client.get(f"/o/{hosts[0].sign('open', 7)}.gif")
        assert "'0': '7'" in image.text
        nothing = (await site.client.get("/rien")).content
        wrong = [hosts[0].sign("open", 12, "é.x"), token[:-1], token + "A", "x", token.swapcase()]
        for bad in wrong:
            answer = await site.client.get(f"/c/{bad}")
            assert (answer.status_code, answer.content) == (404, nothing)
            # Not even the method says that something is there.
            assert (await site.client.post(f"/c/{bad}")).status_code == 404


@pytest.mark.parametrize("secret", [SECRET, None])
async def test_a_signed_route_is_closed_to_the_unsigned_and_without_secret(
    start: Start, secret: str | None
) -> None:
    opened = plugin(route("/retour", _echo, Guard.SIGNED, ("POST",)))
    sections = {"essai": {"secret": secret}} if secret else {}
    stamp, body = int(time.time()), b"{}"
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(b"AAA" * 8, "m", stamp, body),
    }
    async with start(plugins=opened, sections=sections) as site:
        signed = await site.client.post("/retour", content=body, headers=headers)
        assert signed.status_code == (200 if secret else 401)
        assert (await site.client.post("/retour", content=body)).status_code == 401
        forged = await site.client.post("/retour", content=b"[]", headers=headers)
        assert forged.status_code == 401


async def test_a_route_takes_no_more_than_it_asked_for(start: Start) -> None:
    async with start(plugins=plugin(route("/p", _echo, methods=("POST",), max_body=10))) as site:
        assert (await site.client.post("/p", content=b"x" * 10)).status_code == 200
        assert (await site.client.post("/p", content=b"x" * 11)).status_code == 413


async def test_a_plugin_cannot_split_a_header(start: Start) -> None:
    async def careless(request: Request) -> Response:
        name = request.query_params["nom"]
        headers = {"x-nom": name, "content-length": "999", "location": f"/a{name}"}
        return Response(status_code=302, headers=headers)

    async with start(plugins=plugin(route("/p", careless))) as site:
        answer = await site.client.get("/p", params={"nom": "a\r\nset-cookie: b=c\x00é"})
        assert answer.status_code == 302
        assert "set-cookie" not in answer.headers
        assert "\n" not in answer.headers["x-nom"] + answer.headers["location"]


async def test_of_what_no_header_can_hold_an_address_is_escaped_and_the_rest_refused(
    start: Start,
) -> None:
    async def careless(request: Request) -> Response:
        return Response(headers={"x-nom": request.query_params["nom"]})

    async def careful(request: Request) -> Response:
        return RedirectResponse("/" + request.query_params["nom"], 302)

    async with start(plugins=plugin(route("/p", careless), route("/q", careful))) as site:
        name = {"nom": "l’œuvre\u2028"}
        assert (await site.client.get("/q", params=name)).headers["location"] == (
            "/l%E2%80%99%C5%93uvre%E2%80%A8"
        )
        answer = await site.client.get("/p", params=name)
        assert answer.status_code == 500
        assert "x-nom" not in answer.headers
        assert "œuvre" not in answer.text


async def test_a_plugin_that_fails_says_nothing_and_harms_nobody(start: Start) -> None:
    async def broken(_: Request) -> Response:
        raise RuntimeError("secret")

    async with start(plugins=plugin(route("/p", broken), route("/q", _echo))) as site:
        answer = await site.client.get("/p")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert (await site.client.get("/q")).status_code == 200


async def test_a_token_route_without_token_or_purpose_is_refused_at_start(
    settings: Settings,
) -> None:
    for path, purpose in (("/c", "click"), ("/c/{token}", None)):
        opened = plugin(route(path, _echo, Guard.TOKEN, purpose=purpose))
        with pytest.raises(ConfigurationError):
            await Runtime(settings, plugins=opened).open()


async def test_what_a_route_says_of_its_answer_is_said_once(start: Start) -> None:
    async def kept(_: Request) -> Response:
        return Response("x", headers={"Cache-Control": "max-age=60"})

    async with start(plugins=plugin(route("/image", kept))) as site:
        answer = await site.client.get("/image")
    assert answer.headers.get_list("cache-control") == ["max-age=60"]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
