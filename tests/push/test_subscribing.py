"""Browsers that say yes and no: only from our sites, only at real push services, one lead each."""

from typing import Any

import pytest

from relance.testing import FakeHost
from tests.push.browser import Browser

YES, NO = "/notifications/abonnement", "/notifications/desabonnement"
MARK = "m" * 24


async def test_a_browser_is_its_visitor_s(call, host: FakeHost, browser: Browser) -> None:
    answer = await call("POST", YES, browser.subscription(), cookie=MARK)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://www.exemple.ca"
    assert "set-cookie" not in answer.headers
    (incoming,) = host.recorded
    assert incoming.identities.visitor == MARK
    assert incoming.events[0].type == "push_subscribed"
    assert list(await host.attached("push", 1)) == [browser.endpoint]


async def test_subscribing_again_changes_nothing(call, host: FakeHost, browser: Browser) -> None:
    for _ in range(3):
        await call("POST", YES, browser.subscription(), cookie=MARK)
    assert len(host.recorded) == 1
    assert len(host.addresses) == 1


async def test_an_unknown_browser_is_given_a_mark(call, host: FakeHost, browser: Browser) -> None:
    answer = await call("POST", YES, browser.subscription())
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert host.recorded[0].identities.visitor in answer.headers["set-cookie"]


async def test_one_that_asks_not_to_be_followed_is_given_none(
    call, host: FakeHost, browser: Browser
) -> None:
    answer = await call("POST", YES, browser.subscription(), **{"sec-gpc": "1"})
    assert "set-cookie" not in answer.headers
    assert list(await host.attached("push", 1)) == [browser.endpoint]


async def test_leaving_the_last_browser_is_an_event(call, host: FakeHost, browser: Browser) -> None:
    other = Browser(browser.endpoint + "2")
    for one in (browser, other):
        await call("POST", YES, one.subscription(), cookie=MARK)
    await call("POST", NO, {"endpoint": browser.endpoint})
    assert [one.type for fact in host.recorded for one in fact.events] == ["push_subscribed"] * 2
    for _ in range(2):
        assert (await call("POST", NO, {"endpoint": other.endpoint})).status_code == 204
    ended = [one.type for fact in host.recorded[2:] for one in fact.events]
    assert ended == ["push_unsubscribed"]


@pytest.mark.parametrize("origin", ["", "null", "https://mechant.example", "http://www.exemple.ca"])
async def test_another_site_s_page_is_refused(
    call, host: FakeHost, browser: Browser, origin: str
) -> None:
    for path in (YES, NO):
        assert (await call("POST", path, browser.subscription(), origin=origin)).status_code == 403
    assert host.addresses == {}


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://mechant.example/x",
        "https://fcm.googleapis.com.mechant.example/x",
        "https://mechantfcm.googleapis.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8080/x",
        "https://a:b@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@mechant.example/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[",
        "https://mechant.example\\.push.apple.com/x",
        "https://a..push.apple.com/x",
        "https://xn--a.push.apple.com/x",
        "https://-.push.apple.com/x",
        "https://%41.push.apple.com/x",
        "https://" + "a" * 64 + ".push.apple.com/x",
        "https://" + "a." * 120 + "push.apple.com/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "a" * 3_000,
        "https://fcm.googleapis.com/\r\nx: y",
        None,
        12,
        "",
    ],
)
async def test_we_write_to_push_services_and_nowhere_else(
    call, host: FakeHost, browser: Browser, endpoint: object
) -> None:
    with pytest.raises(Exception, match="navigateur"):
        await call("POST", YES, browser.subscription() | {"endpoint": endpoint})
    assert (host.recorded, host.addresses) == ([], {})


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ],
)
async def test_the_services_of_the_browsers_there_are_known(
    call, host: FakeHost, browser: Browser, endpoint: str
) -> None:
    assert (
        await call("POST", YES, browser.subscription() | {"endpoint": endpoint})
    ).status_code == 204


@pytest.mark.parametrize(
    "keys",
    [None, {}, {"p256dh": "x"}, {"p256dh": "BBBB", "auth": "é"}, [], {"auth": "a" * 22}],
)
async def test_keys_that_are_none_are_refused(
    call, host: FakeHost, browser: Browser, keys: Any
) -> None:
    given = browser.subscription()
    wrong = keys if not isinstance(keys, dict) else {**given["keys"], **keys}
    if keys == {}:
        wrong = {}
    if keys == {"auth": "a" * 22}:
        wrong = {"auth": "a" * 22}
    with pytest.raises(Exception, match="navigateur"):
        await call("POST", YES, given | {"keys": wrong})
    assert host.addresses == {}


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 8_000, b"[]", b"null", b'"x"', b"{}"])
async def test_a_body_that_is_no_subscription_is_refused(call, host: FakeHost, body: bytes) -> None:
    for path in (YES, NO):
        with pytest.raises(Exception, match="navigateur"):
            await call("POST", path, body)
    assert host.recorded == []


async def test_a_crowd_from_one_address_is_told_to_wait(
    call, host: FakeHost, browser: Browser
) -> None:
    statuses = [(await call("POST", NO, {"endpoint": "x"})).status_code for _ in range(310)]
    assert statuses[0] == 204
    assert statuses[-1] == 429
