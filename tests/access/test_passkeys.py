"""Passkeys: what they answer, when it is refused, what is kept; keys made of software, real signatures."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

from relance.testing import VirtualClock
from server.access import passkey_ceremony, roles
from server.access.actor import SERVER
from server.access.audit import latest
from server.access.callers import Requester
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.passkey_ceremony import RelyingParty, relying_party
from server.access.passkey_entry import OLD, UNKNOWN, KeyAnswer
from server.access.passwords import Passwords
from server.access.signing_in import Admitted, TurnedAway
from server.access.team import NewPerson
from server.store.store import Store
from server.tokens import Signer
from tests.access.soft_key import SITE, SoftKey
from tests.access.test_signing_in import GOOD, HOME, MAIL, Door

NETWORK = "203.0.113.7"
HERE = "ce navigateur"


class KeyDoor(Door):
    """A server's access, and a key of somebody's who is signed in."""

    session: str
    caller: Requester

    async def adds(self, key: SoftKey, name: str = "Portable") -> list[str]:
        own = self.control.own_keys
        asked = await own.ask(self.caller, self.session)
        assert asked is not None
        codes = await own.add(self.caller, self.session, name, key.made(asked))
        await self.known_again()
        return list(codes)

    async def known_again(self) -> None:
        found = await self.control.callers.of_session(self.session, HOME)
        assert found is not None
        self.caller = found

    async def asked(self, door: str = HERE) -> Mapping[str, Any]:
        asked = await self.control.keys.ask_anybody(door)
        assert asked is not None
        return asked

    async def enters(self, answer: KeyAnswer, door: str = HERE) -> Admitted | TurnedAway:
        return await self.control.keys.enter(door, answer, HOME, NETWORK)

    async def said(self) -> list[tuple[str, str, Mapping[str, object]]]:
        async with self.control.register.store.read() as conn:
            return [(one.action, one.object, one.after) for one in await latest(conn, 50)]


@pytest.fixture
async def door() -> AsyncIterator[KeyDoor]:
    clock = VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    store = await Store.open("sqlite://", clock)
    control = AccessControl(store, clock, Signer(b"s" * 32), SITE)
    control.register.passwords = Passwords(PasswordHasher(1, 8, 1))
    link = await control.team.first_link()
    assert link is not None
    first = NewPerson("Camille Morin", GOOD, GOOD, MAIL)
    session = await control.team.take_up(link.rpartition("/")[2], first, HOME)
    assert session is not None
    opened = KeyDoor(control, clock)
    opened.session = session
    await opened.known_again()
    yield opened
    await store.close()


async def test_a_key_lets_in_alone_and_its_answer_serves_once(door: KeyDoor) -> None:
    key = SoftKey()
    assert len(await door.adds(key)) == 10, "the first second factor comes with recovery codes"
    assert await door.adds(SoftKey(), "Clé du tiroir") == []
    answer = key.shown(await door.asked())
    found = await door.enters(answer)
    assert isinstance(found, Admitted)
    assert found.whole, "it asked who holds it: it is two factors by itself"
    assert await door.known(found.token) == "Camille Morin"
    assert (await door.said())[0] == (
        *("connexion", f"Camille Morin <{MAIL}>"),
        {"par": "clé d’accès «\u00a0Portable\u00a0»"},
    )
    assert await door.enters(answer) == TurnedAway(why=OLD)
    one, other = await door.control.own_keys.all_of(1)
    assert (one.used_at is not None, other.used_at) == (True, None)


Answer = Callable[[KeyDoor, SoftKey], Awaitable[KeyAnswer]]


async def _elsewhere(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    return key.shown(await door.asked("un autre navigateur"))


async def _too_late(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    answer = key.shown(await door.asked())
    door.passes(minutes=5)
    return answer


async def _for_another_use(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    asked = await door.control.keys.ask_again(door.caller, HERE)
    assert asked is not None
    return key.shown(asked)


async def _of_another_site(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    return key.shown(await door.asked(), "https://relance.exemple.com")


async def _bound_elsewhere(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    key.name = "exemple.com"
    return key.shown(await door.asked())


async def _unasked(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    return key.shown(await door.asked(), verified=False)


async def _forged(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    other = SoftKey()
    other.id, other.user = key.id, key.user
    return other.shown(await door.asked())


async def _somebody_elses(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    key.user = "bW9uIGFtaQ"
    return key.shown(await door.asked())


async def _unknown(door: KeyDoor, _: SoftKey) -> KeyAnswer:
    return SoftKey().shown(await door.asked())


async def _made_up(door: KeyDoor, key: SoftKey) -> KeyAnswer:
    return replace(key.shown(await door.asked()), said="[" * 5_000)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_elsewhere, "a vieilli"),
        (_too_late, "a vieilli"),
        (_for_another_use, "a vieilli"),
        (_of_another_site, "n’est pas la bonne"),
        (_bound_elsewhere, "n’est pas la bonne"),
        (_unasked, "n’est pas la bonne"),
        (_forged, "n’est pas la bonne"),
        (_somebody_elses, "n’est pas la bonne"),
        (_unknown, "aucun compte"),
        (_made_up, "aucun compte"),
    ],
)
async def test_an_answer_that_is_not_that_keys_here_and_now_opens_nothing(
    door: KeyDoor, answer: Answer, why: str
) -> None:
    key = SoftKey()
    await door.adds(key)
    found = await door.enters(await answer(door, key))
    assert isinstance(found, TurnedAway)
    assert why in found.why
    noted = (await door.said())[0]
    known = "aucun compte" not in why
    assert (noted[0] == "cle.refusee") is known, "what is tried of an account is in the log"


async def test_a_counter_that_goes_back_is_refused_and_written_down(door: KeyDoor) -> None:
    key = SoftKey()
    await door.adds(key)
    key.count = 7
    assert isinstance(await door.enters(key.shown(await door.asked())), Admitted)
    for count in (7, 3, 0):
        key.count = count
        found = await door.enters(key.shown(await door.asked()))
        assert isinstance(found, TurnedAway)
        assert "copie" in found.why
        about = f"clé d’accès «\u00a0Portable\u00a0» de Camille Morin <{MAIL}>"
        assert (await door.said())[0][:2] == ("cle.compteur", about)
    key.count = 8
    assert isinstance(await door.enters(key.shown(await door.asked())), Admitted)


async def test_a_key_stands_between_the_password_and_the_session_until_it_is_removed(
    door: KeyDoor,
) -> None:
    control, key = door.control, SoftKey()
    codes = await door.adds(key)
    half = await door.tries()
    assert isinstance(half, Admitted)
    assert not half.whole
    asked = await control.keys.ask_second(half.token)
    assert asked is not None
    assert [one["id"] for one in asked["publicKey"]["allowCredentials"]]
    whole = await control.keys.second(half.token, key.shown(asked, verified=False), HOME)
    assert isinstance(whole, Admitted)
    assert await door.known(whole.token) == "Camille Morin"
    assert await control.keys.ask_second(half.token) is None, "the half session is over"
    again = await door.tries()
    assert isinstance(again, Admitted)
    found = await control.signing_in.by_code(again.token, codes[0], HOME)
    assert isinstance(found, Admitted), "a recovery code, for who has not the key at hand"
    (kept,) = await control.own_keys.all_of(1)
    await control.own_keys.remove(door.caller, kept)
    alone = await door.tries()
    assert isinstance(alone, Admitted)
    assert alone.whole
    assert await door.enters(key.shown(await door.asked())) == TurnedAway(why=UNKNOWN)
    async with control.register.store.read() as conn:
        left = await conn.exec_driver_sql("SELECT count(*) FROM recovery_codes")
        assert left.scalar_one() == 0, "they go with the last second factor"


async def test_a_key_stands_for_the_password_given_again_only_if_it_asks_who_holds_it(
    door: KeyDoor,
) -> None:
    key, keys = SoftKey(), door.control.keys
    await door.adds(key)
    door.passes(hours=2)
    await door.known_again()
    for verified, right in ((False, False), (True, True)):
        asked = await keys.ask_again(door.caller, door.session)
        assert asked is not None
        answer = key.shown(asked, verified=verified)
        found = await keys.again(door.caller, door.session, answer, HOME)
        assert (found is None) is right
        await door.known_again()
        assert door.caller.session is not None
        recent = door.caller.session.recent(door.control.register.now(), 60_000_000)
        assert recent is right


async def test_a_key_of_somebody_else_is_nobody_elses_second_factor(door: KeyDoor) -> None:
    control, camille = door.control, door.caller
    await door.adds(SoftKey())
    _, path = await control.team.invite(SERVER, "zoe@exemple.ca", "Zoé", roles.ALL)
    invited = NewPerson("Zoé", GOOD, GOOD)
    session = await control.team.take_up(path.rpartition("/")[2], invited, HOME)
    assert session is not None
    hers, mine, door.session = SoftKey(), door.session, session
    await door.known_again()
    await door.adds(hers)
    half = await door.tries()
    assert isinstance(half, Admitted)
    asked = await control.keys.ask_second(half.token)
    assert asked is not None
    found = await control.keys.second(half.token, hers.shown(asked), HOME)
    assert found == TurnedAway(why=UNKNOWN)
    asked = await control.keys.ask_again(camille, mine)
    assert asked is not None
    found = await control.keys.again(camille, mine, hers.shown(asked), HOME)
    assert found == TurnedAway(why=UNKNOWN)


async def test_trying_a_key_is_slowed_down_as_trying_a_password_is(door: KeyDoor) -> None:
    key = SoftKey()
    await door.adds(key)
    for _ in range(5):
        found = await door.enters(await _forged(door, key))
        assert isinstance(found, TurnedAway)
        assert not found.wait
    turned = await door.enters(key.shown(await door.asked()))
    assert isinstance(turned, TurnedAway)
    assert turned.wait > 0
    door.passes(minutes=1)
    assert isinstance(await door.enters(key.shown(await door.asked())), Admitted)


async def test_who_administers_removes_the_keys_of_who_lost_their_device(door: KeyDoor) -> None:
    key = SoftKey()
    await door.adds(key)
    assert await door.control.team.remove_keys(SERVER, 1) == 1
    assert await door.known(door.session) is None, "signed out everywhere"
    assert (await door.said())[0] == (
        *("cle.retirees", f"Camille Morin <{MAIL}>"),
        {"clés retirées": 1},
    )
    found = await door.tries()
    assert isinstance(found, Admitted)
    assert found.whole


async def test_a_key_is_added_once_and_of_this_session_alone(door: KeyDoor) -> None:
    key, own = SoftKey(), door.control.own_keys
    await door.adds(key)
    asked = await own.ask(door.caller, door.session)
    assert asked is not None
    assert [one["id"] for one in asked["publicKey"]["excludeCredentials"]]
    with pytest.raises(EntryRefused, match="déjà ajoutée"):
        await own.add(door.caller, door.session, "La même", key.made(asked))
    with pytest.raises(EntryRefused, match="a vieilli"):
        await own.add(door.caller, door.session, "Deux fois", SoftKey().made(asked))
    asked = await own.ask(door.caller, "une autre session")
    assert asked is not None
    with pytest.raises(EntryRefused, match="a vieilli"):
        await own.add(door.caller, door.session, "D’ailleurs", SoftKey().made(asked))
    asked = await own.ask(door.caller, door.session)
    assert asked is not None
    answer = SoftKey().made(asked, "https://relance.exemple.com")
    with pytest.raises(EntryRefused, match="pas lisible"):
        await own.add(door.caller, door.session, "D’un autre site", answer)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://relance.exemple.ca", ""),
        ("http://localhost:8080", ""),
        ("http://127.0.0.1:8080", "n’en est pas un"),
        ("https://[2001:db8::1]", "n’en est pas un"),
        ("http://relance.exemple.ca", "HTTPS"),
    ],
)
def test_a_key_wants_a_name_and_a_ciphered_address_and_it_is_said_why(
    address: str, why: str
) -> None:
    found = relying_party(address)
    if why:
        assert isinstance(found, str)
        assert why in found
        assert address in found
    else:
        assert isinstance(found, RelyingParty)
        assert found.origin == address


def test_without_its_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkey_ceremony, "find_spec", lambda _: None)
    assert "relance[cles]" in str(relying_party(SITE))
