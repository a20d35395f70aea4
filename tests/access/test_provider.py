"""An identity provider: who comes in by it, who does not, what is kept; a real one, over real HTTP."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from starlette.responses import JSONResponse, RedirectResponse

from relance.access_role import AccessRole
from relance.errors import ConfigurationError
from relance.testing import VirtualClock
from server.access import provider_trip, roles
from server.access.actor import SERVER
from server.access.audit import latest
from server.access.callers import Requester
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.passwords import Passwords
from server.access.provider_trip import TripBack, TripPurpose
from server.access.signing_in import Admitted, TurnedAway
from server.access.team import NewPerson
from server.egress import Egress
from server.oidc_settings import OidcSettings
from server.settings import load_settings
from server.store.store import Store
from server.tokens import Signer
from tests.access.provider import CLIENT, SECRET, Provider, provider
from tests.access.test_signing_in import GOOD, HOME, MAIL, Door
from tests.whole import lay_out

SITE, HERE, NETWORK = "https://relance.exemple.ca", "ce navigateur", "203.0.113.7"
READ = frozenset({AccessRole.READ})


class ProviderDoor(Door):
    """A server's access, a provider, and people who come from there."""

    network = NETWORK
    provider: Provider
    settings: OidcSettings
    store: Store

    def set(self, **values: Any) -> None:
        """The same server, set otherwise."""
        self.settings = replace(self.settings, **values)
        self.opened()

    def opened(self, network: Egress | None = None) -> None:
        network = network or Egress(["127.0.0.1"])
        signer = Signer(b"s" * 32)
        self.control = AccessControl(self.store, self.clock, signer, SITE, self.settings, network)
        self.control.register.passwords = Passwords(PasswordHasher(1, 8, 1))

    async def leaves(
        self, purpose: TripPurpose = TripPurpose.ENTER, holder: str = HERE
    ) -> TripBack:
        """Somebody goes there, and is sent back."""
        address = await self.control.provider.leave(purpose, holder, "/leads")
        assert isinstance(address, str), address
        async with httpx.AsyncClient() as browser:
            sent = urlsplit((await browser.get(address)).headers["location"])
        assert f"{sent.scheme}://{sent.netloc}{sent.path}" == f"{SITE}/connexion/fournisseur/retour"
        said = {name: values[0] for name, values in parse_qs(sent.query).items()}
        return TripBack(*(said.get(name, "") for name in ("state", "code", "error", "iss")))

    async def arrives(self, back: TripBack, holder: str = HERE) -> Admitted | TurnedAway:
        found = await self.control.provider.enter(holder, back, HOME, self.network)
        if isinstance(found, TurnedAway):
            return found
        assert found[1] == "/leads"
        return found[0]

    async def goes(self) -> Admitted | TurnedAway:
        return await self.arrives(await self.leaves())

    async def comes(self) -> Requester:
        """They come in, whole."""
        found = await self.goes()
        assert isinstance(found, Admitted), found
        caller = await self.control.callers.of_session(found.token, HOME)
        assert caller is not None
        return caller

    async def refused(self) -> str:
        found = await self.goes()
        assert isinstance(found, TurnedAway)
        return found.why

    async def invites(self, given: frozenset[AccessRole] = READ) -> int:
        account, _ = await self.control.team.invite(SERVER, "zoe@exemple.ca", "Zoé", given)
        return account.id

    async def noted(self) -> tuple[str, str, Mapping[str, object]]:
        async with self.control.register.store.read() as conn:
            (last,) = await latest(conn, 1)
        return last.action, last.object, last.after


@pytest.fixture
async def door() -> AsyncIterator[ProviderDoor]:
    clock = VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    store = await Store.open("sqlite://", clock)
    async with provider() as there:
        there.now = lambda: int(clock.now().timestamp())
        settings = OidcSettings(there.issuer, CLIENT, SECRET, "Essai")
        opened = ProviderDoor(AccessControl(store, clock, Signer(b"s" * 32)), clock)
        opened.store, opened.provider, opened.settings = store, there, settings
        opened.opened()
        link = await opened.control.team.first_link()
        assert link is not None
        first = NewPerson("Camille Morin", GOOD, GOOD, MAIL)
        assert await opened.control.team.take_up(link.rpartition("/")[2], first, HOME)
        yield opened
    await store.close()


async def test_who_was_invited_comes_in_and_is_known_by_their_number_from_then_on(
    door: ProviderDoor,
) -> None:
    who = await door.invites()
    caller = await door.comes()
    assert (caller.account and caller.account.id, caller.roles) == (who, READ)
    assert await door.noted() == ("connexion", "Zoé <zoe@exemple.ca>", {"par": "Essai"})
    (asked,) = door.provider.seen
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    door.provider.person |= {"email": "zoe.roy@ailleurs.ca", "email_verified": False}
    again = await door.comes()
    assert again.account == caller.account, "whatever the address has become"
    link = await door.control.team.new_link(SERVER, who)
    token = link.rpartition("/")[2]
    assert await door.control.team.take_up(token, NewPerson("", GOOD, GOOD), HOME), "a password too"


async def test_somebody_of_the_same_address_is_not_bound_in_the_place_of_another(
    door: ProviderDoor,
) -> None:
    who = await door.invites()
    await door.comes()
    door.provider.person["sub"] = "z-2"
    assert "déjà relié" in await door.refused()
    action, about, after = await door.noted()
    assert (action, about) == ("fournisseur.refuse", "Essai")
    assert after == {"pourquoi": "déjà relié à une autre identité"}
    assert await door.control.team.unbind(SERVER, who) == 1
    (zoe,) = [one for one in await door.control.team.everybody() if one.id == who]
    assert not zoe.open, "nothing opens it until somebody is met anew at its address"
    caller = await door.comes()
    assert caller.account is not None
    assert caller.account.id == who


NAMES = "authorization_response_iss_parameter_supported"
WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "another nonce": ({"claims": {"nonce": "autre"}}, "ne répond pas à cette demande"),
    "no nonce": ({"claims": {"nonce": None}}, "ne répond pas à cette demande"),
    "another audience": ({"claims": {"aud": "autre"}}, "pour une autre application"),
    "another party": ({"claims": {"azp": "autre"}}, "pour une autre application"),
    "several": ({"claims": {"aud": [CLIENT, "autre"]}}, "sans dire laquelle"),
    "expired": ({"claims": {"exp": 1}}, "a expiré"),
    "no end": ({"claims": {"exp": None}}, "«\u00a0exp\u00a0»"),
    "of the future": ({"claims": {"iat": 9_999_999_999}}, "horloges"),
    "too old": ({"claims": {"iat": 1}}, "trop ancien"),
    "another issuer": ({"claims": {"iss": "https://mal.exemple"}}, "d’un autre fournisseur"),
    "nobody": ({"claims": {"sub": None}}, "de qui il est"),
    "unsigned": ({"alg": "none"}, "n’est pas d’une sorte admise"),
    "signed by what all know": ({"alg": "HS256"}, "n’est pas d’une sorte admise"),
    "another kind of key": ({"alg": "ES256"}, "d’aucune de ses clés"),
    "not plain": ({"claims": {"email": None}, "access": "accès"}, "ne dit pas votre adresse"),
    "no address": ({"claims": {"email": "pas une adresse"}}, "ne dit pas votre adresse"),
    "nameless": ({"places": {NAMES: True}, "iss": ""}, "ne dit pas de qui elle vient"),
    "another key": ({"alg": "stolen"}, "d’aucune de ses clés"),
    "mixed up": ({"iss": "https://mal.exemple"}, "d’un autre fournisseur"),
    "no token": ({"token": JSONResponse({"access_token": "x"})}, "pas de jeton"),
    "not a token": ({"token": JSONResponse({"id_token": "x.y"})}, "n’est pas lisible"),
    "led elsewhere": ({"token": RedirectResponse("http://127.0.0.1:1/")}, "il répond 307"),
    "too much": ({"token": JSONResponse({"id_token": "x" * 500_000})}, "pas lisible"),
    "cancelled": ({"error": "access_denied"}, "vous avez annulé"),
    "busy": ({"error": "temporarily_unavailable"}, "pour l’instant"),
    "set wrongly": ({"error": "invalid_scope"}, "à qui administre"),
    "the other way": ({"by": "nobody"}, "invalid_client"),
    "unverified": ({"claims": {"email_verified": False}}, "email_verified"),
    "not said": ({"claims": {"email_verified": None}}, "email_verified"),
    "unknown": ({"claims": {"email": "inconnu@exemple.ca"}}, "demandez une invitation"),
}


async def test_what_is_not_the_providers_word_for_us_now_lets_nobody_in(
    door: ProviderDoor,
) -> None:
    await door.invites()
    wrong = []
    for door.network, (door.provider.bent, why) in WRONG.items():
        door.passes(minutes=2)  # what it says of itself is read anew
        found = await door.goes()
        action, _, after = await door.noted()
        noted = (action, list(after)) == ("fournisseur.refuse", ["pourquoi"])
        named = "inconnu@" in str(after)  # who is not of the team is not named there
        if not isinstance(found, TurnedAway) or why not in found.why or not noted or named:
            wrong.append((door.network, found, action, after))
    assert wrong == []
    (zoe,) = [one for one in await door.control.team.everybody() if one.name == "Zoé"]
    assert zoe.password is None, "nothing was begun of it"
    assert await door.control.provider.identity(zoe.id) is None
    door.network, door.provider.bent = NETWORK, {}
    await door.comes()


async def test_a_way_back_serves_once_soon_and_in_the_browser_that_left(
    door: ProviderDoor,
) -> None:
    await door.invites()
    back = await door.leaves()
    assert isinstance(await door.arrives(back), Admitted)
    for old, holder in (
        (back, HERE),
        (await door.leaves(), "un autre navigateur"),
        (await door.leaves(), ""),
        (await door.leaves(TripPurpose.AGAIN), HERE),
        (replace(await door.leaves(), state="faux"), HERE),
    ):
        found = await door.arrives(old, holder)
        assert isinstance(found, TurnedAway)
        assert "a vieilli" in found.why
    fresh = replace(await door.leaves(), code=back.code)
    found = await door.arrives(fresh)
    assert isinstance(found, TurnedAway)
    assert "invalid_grant" in found.why, "the provider knows no code twice"
    late = await door.leaves()
    door.passes(minutes=10)
    found = await door.arrives(late)
    assert isinstance(found, TurnedAway)
    assert "a vieilli" in found.why


async def test_coming_back_in_vain_is_slowed_down(door: ProviderDoor) -> None:
    for _ in range(20):
        found = await door.arrives(TripBack("faux", "faux"))
        assert isinstance(found, TurnedAway)
        assert not found.wait
    turned = await door.goes()
    assert isinstance(turned, TurnedAway)
    assert turned.wait > 0


async def test_a_provider_that_is_away_or_inside_or_another_is_said_to_be_and_why(
    door: ProviderDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def left() -> str:
        found = await door.control.provider.leave(TripPurpose.ENTER, HERE, "/")
        assert isinstance(found, TurnedAway)
        return found.why

    there = door.provider
    door.opened(Egress())
    assert "hôtes_permis" in await left()
    door.opened()
    there.bent = {"places": {"issuer": "https://mal.exemple"}}
    assert "recopiez-la" in await left()
    assert door.control.provider.way_out == "", "it has said nothing of itself yet"
    there.bent = {"places": {"token_endpoint": "file:///etc/passwd"}}
    assert "recopiez-la" in await left(), "it is not asked again by whoever insists"
    door.passes(seconds=10)
    assert "token_endpoint" in await left()
    door.passes(seconds=10)
    there.bent = {"metadata": JSONResponse({}, 503)}
    assert "il répond 503" in await left()
    door.passes(seconds=10)
    there.bent = {"places": {"end_session_endpoint": f"{there.issuer}/sortie"}}
    await door.invites()
    await door.comes()
    out = f"{there.issuer}/sortie?client_id={CLIENT}"
    assert door.control.provider.way_out == out, "where one leaves it too"
    door.passes(minutes=2)
    there.bent = {"metadata": JSONResponse({}, 503)}
    assert "il répond 503" in await left(), "nobody is sent where nobody answers any more"
    door.passes(seconds=10)
    monkeypatch.setattr(provider_trip, "_PATIENCE", 0.1)
    there.bent = {"slow": 0.3}
    assert "trop lentement" in await door.refused()
    door.set(issuer="http://127.0.0.1:9")
    assert "ne répond pas" in await left()


async def test_a_provider_that_changes_its_keys_is_asked_for_them_anew_but_not_each_time(
    door: ProviderDoor,
) -> None:
    await door.invites()
    await door.comes()
    door.provider.turn()
    assert "d’aucune de ses clés" in await door.refused()
    door.clock.advance(timedelta(seconds=6))
    await door.comes()
    door.clock.advance(timedelta(seconds=6))
    door.provider.turn("deux", "trois")
    await door.comes()  # another key under the name of the one before


async def test_a_provider_that_wants_the_secret_said_the_other_way_is_told_it_so(
    door: ProviderDoor,
) -> None:
    await door.invites()
    door.provider.bent = {"by": "post"}
    await door.comes()


async def test_only_the_domains_that_are_set_are_let_in(door: ProviderDoor) -> None:
    await door.invites()
    door.set(domains=frozenset({"autre.ca"}))
    assert "autre.ca" in await door.refused()
    door.set(domains=frozenset({"exemple.ca"}))
    await door.comes()
    door.set(domains=frozenset({"autre.ca"}))
    assert "autre.ca" in await door.refused(), "who was known too"


async def test_a_closed_account_is_not_opened_again_by_the_provider(door: ProviderDoor) -> None:
    who = await door.invites()
    caller = await door.comes()
    await door.control.team.close(SERVER, who)
    assert "fermé" in await door.refused()
    assert caller.session is not None
    assert len(await door.control.team.everybody()) == 2


async def test_who_was_not_invited_has_an_account_where_settings_say_so_with_those_rights(
    door: ProviderDoor,
) -> None:
    door.set(creates=True)
    caller = await door.comes()
    assert (caller.name, caller.roles) == ("Zoé Roy", frozenset())
    door.set(by_group={"marketing": READ | {AccessRole.WRITE}, "chefs": roles.ALL})
    assert (await door.comes()).roles == frozenset()
    door.provider.person["groups"] = ["marketing", "autre"]
    assert (await door.comes()).roles == READ | {AccessRole.WRITE}
    door.provider.person["groups"] = ["chefs"]
    assert (await door.comes()).roles == roles.ALL
    door.provider.person |= {"sub": "c-1", "email": MAIL, "groups": []}
    assert (await door.comes()).roles == {AccessRole.ADMINISTER}, "somebody signs in here still"


async def test_nobody_comes_in_by_a_provider_before_somebody_administers(
    door: ProviderDoor,
) -> None:
    door.set(creates=True)
    async with door.store.write() as conn:
        await conn.exec_driver_sql("UPDATE accounts SET roles = 'read'")
    assert "premier compte" in await door.refused()
    assert len(await door.control.team.everybody()) == 1


async def test_who_administers_by_a_provider_alone_is_not_the_one_who_is_left(
    door: ProviderDoor,
) -> None:
    await door.invites(roles.ALL)
    await door.comes()
    (camille, zoe) = await door.control.team.everybody()
    with pytest.raises(EntryRefused, match="dernier compte"):
        await door.control.team.close(SERVER, camille.id)
    await door.control.team.close(SERVER, zoe.id)


async def test_the_second_factor_is_the_houses_unless_the_provider_is_trusted_to_ask_it(
    door: ProviderDoor,
) -> None:
    await door.invites()
    caller = await door.comes()
    secret, offer, _ = door.control.own.offer_factor(caller)
    await door.control.own.add_factor(caller, offer, pyotp.TOTP(secret).at(door.clock.now()))
    half = await door.goes()
    assert isinstance(half, Admitted)
    assert not half.whole
    door.provider.person["amr"] = ["pwd", "mfa"]
    half = await door.goes()
    assert isinstance(half, Admitted)
    assert not half.whole, "nobody said that it is trusted for that"
    door.set(factors=frozenset({"mfa"}))
    await door.comes()


async def test_what_the_token_does_not_say_is_asked_of_the_provider_of_the_same_person(
    door: ProviderDoor,
) -> None:
    await door.invites()
    said = {name: door.provider.person.pop(name) for name in ("email", "email_verified")}
    door.provider.besides = {**said, "sub": "autre"}
    assert "ne dit pas votre adresse" in await door.refused()
    door.provider.besides = {**said, "sub": "z-1"}
    await door.comes()


async def test_the_provider_confirms_who_one_is_only_when_it_asked_again(
    door: ProviderDoor,
) -> None:
    await door.invites()
    caller = await door.comes()
    again = door.control.provider.again

    async def confirms() -> str | TurnedAway:
        back = await door.leaves(TripPurpose.AGAIN)
        return await again(caller, HERE, back, HOME)

    door.passes(hours=1)
    assert await confirms() == "/leads"
    assert door.provider.seen[-1]["prompt"] == "login"
    for bent, why in (
        ({"auth_time": door.provider.now() - 3_600}, "auth_time"),
        ({"auth_time": None}, "auth_time"),
        ({"sub": "z-2"}, "un autre compte"),
    ):
        door.provider.bent = {"claims": bent}
        found = await confirms()
        assert isinstance(found, TurnedAway)
        assert why in found.why


async def test_who_is_signed_in_binds_their_account_themselves_and_undoes_it(
    door: ProviderDoor,
) -> None:
    token = await door.comes_in()
    caller = await door.control.callers.of_session(token, HOME)
    assert caller is not None
    door.provider.person = {"sub": "c-9"}
    back = await door.leaves(TripPurpose.BIND)
    assert await door.control.provider.bind(caller, HERE, back, HOME) is None
    assert (await door.comes()).name == "Camille Morin", (
        "an address that nobody verified is not asked"
    )
    await door.control.provider.unbind(caller)
    assert "ne dit pas votre adresse" in await door.refused()


@pytest.mark.parametrize(
    ("said", "key", "why"),
    [
        ('emetteur = "https://x.ca"', "oidc.client", "vont ensemble"),
        ('emetteur = "http://x.ca"\nclient = "a"', "oidc.emetteur", "en https"),
        ('emetteur = "https://x.ca?a=b"\nclient = "a"', "oidc.emetteur", "en https"),
        ('domaines = ["@exemple.ca", "a@b.ca"]', "oidc.domaines", "a@b.ca"),
        ('roles = ["lectures"]', "oidc.roles", "rédaction"),
        ('[oidc.roles_par_groupe]\nchefs = "patron"', "oidc.roles_par_groupe", "patron"),
        ('cliant = "a"', "oidc.cliant", "client"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name_with_what_to_write(
    tmp_path: Any, said: str, key: str, why: str
) -> None:
    lay_out(tmp_path, {"relance.toml": f"[oidc]\n{said}\n"})
    with pytest.raises(ConfigurationError, match=why) as wrong:
        load_settings(tmp_path, {})
    assert wrong.value.key == key


def test_settings_say_who_gives_what_and_the_secret_comes_from_the_environment(
    tmp_path: Any,
) -> None:
    text = """
[oidc]
emetteur = "https://id.exemple.ca/realms/equipe"
client = "relance"
domaines = ["@Exemple.ca"]
creer = true
roles = ["lecture", "Redaction"]
[oidc.roles_par_groupe]
"Chefs de tout" = "tous"
marketing = "lecture, données personnelles"
"""
    lay_out(tmp_path, {"relance.toml": text})
    found = load_settings(tmp_path, {"RELANCE_OIDC_SECRET": " tel quel "}).oidc
    assert (found.name, found.secret, found.creates) == ("id.exemple.ca", " tel quel ", True)
    assert found.domains == {"exemple.ca"}
    assert found.roles == {AccessRole.READ, AccessRole.WRITE}
    assert found.by_group["Chefs de tout"] == roles.ALL
    assert found.by_group["marketing"] == {AccessRole.READ, AccessRole.PERSONAL}
