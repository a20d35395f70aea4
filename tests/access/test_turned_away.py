"""Who comes to a door for nothing has nothing written: a thousand of them a second hold up nobody who writes."""

import httpx
from sqlalchemy import insert

from server.access import throttle
from server.http.rate import network_of
from server.store import hourly
from server.store.challenges import MOST_A_SENDER
from server.store.instants import now_micros
from server.store.schema.access import sign_in_attempts
from tests.http.conftest import Site, settings, site, start  # noqa: F401 — fixtures

WHO = "127.0.0.1"


async def test_who_must_wait_or_has_no_session_is_turned_away_by_a_base_that_takes_no_writing(
    site: Site,  # noqa: F811
) -> None:
    runtime, now = site.runtime, now_micros(site.runtime.clock)
    tried = {"key": throttle.key("adresse", network_of(WHO)), "failures": 99, "last_at": now}
    async with runtime.store.write() as conn:
        await conn.execute(insert(sign_in_attempts), tried)
        sender = hourly.key_of("challenge sender", network_of(WHO))
        await hourly.add(conn, {sender: MOST_A_SENDER}, now)
    runtime.store.suspend("rien ne s’écrit")
    async with httpx.AsyncClient(base_url=runtime.url) as stranger:
        for path, given, wanted in (
            ("/connexion", {"courriel": "a@b.ca", "mot_de_passe": "x"}, 429),
            ("/connexion/cle", {"offre": "x", "reponse": "y"}, 429),
            ("/connexion/code", {"code": "1"}, 303),
            ("/connexion/code/cle", {"offre": "x", "reponse": "y"}, 303),
            ("/connexion/code/cle/defi", {}, 404),
            ("/confirmer", {"courriel": "a@b.ca", "code": "123456"}, 429),
        ):
            assert (await stranger.post(path, data=given)).status_code == wanted, path
        stranger.cookies.set("relance_session", "de-personne")
        for path in ("/connexion/code", "/connexion/code/cle"):
            assert (await stranger.post(path, data={"code": "1"})).status_code == 303, path
    await runtime.store.resume()
