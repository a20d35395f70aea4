"""Coming in: the password, the second factor, throttling, sessions that end; on a base of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from relance.access_role import AccessRole
from relance.testing import VirtualClock
from server.access import roles
from server.access.actor import SERVER, Whence
from server.access.audit import latest
from server.access.control import AccessControl
from server.access.entry_refused import EntryRefused
from server.access.passwords import Passwords, weakness
from server.access.signing_in import Admitted, TurnedAway
from server.access.team import NewPerson
from server.store.instants import MINUTE
from server.store.store import Store
from server.tokens import Signer

GOOD = "quatre mots sans rapport"
HOME = Whence("203.0.113.7", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
MAIL = "camille@exemple.ca"


class Door:
    """A server's access, and what people try at it."""

    def __init__(self, control: AccessControl, clock: VirtualClock) -> None:
        self.control, self.clock = control, clock

    async def tries(
        self, password: str = GOOD, email: str = MAIL, network: str = "203.0.113.7"
    ) -> Admitted | TurnedAway:
        return await self.control.signing_in.by_password(email, password, HOME, network)

    async def comes_in(self) -> str:
        found = await self.tries()
        assert isinstance(found, Admitted)
        return found.token

    async def known(self, token: str) -> str | None:
        caller = await self.control.callers.of_session(token, HOME)
        return None if caller is None else caller.name

    def passes(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    async def deeds(self) -> list[str]:
        async with self.control.register.store.read() as conn:
            return [one.action for one in reversed(await latest(conn, 50))]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    clock = VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    store = await Store.open("sqlite://", clock)
    control = AccessControl(store, clock, Signer(b"s" * 32))
    control.register.passwords = Passwords(PasswordHasher(1, 8, 1))
    link = await control.team.first_link()
    assert link is not None
    first = NewPerson("Camille Morin", GOOD, GOOD, MAIL)
    assert await control.team.take_up(link.rpartition("/")[2], first, HOME)
    yield Door(control, clock)
    await store.close()


async def test_the_first_account_has_every_role_and_its_link_makes_no_other(door: Door) -> None:
    team = door.control.team
    assert [one.roles for one in await team.everybody()] == [roles.ALL]
    assert await team.first_link() is None


async def test_an_address_is_read_whatever_its_capitals_and_a_wrong_password_is_refused(
    door: Door,
) -> None:
    assert isinstance(await door.tries(email=" CAMILLE@exemple.ca "), Admitted)
    assert await door.tries("autre chose que cela") == TurnedAway()
    assert await door.deeds() == ["compte.premier", "connexion", "connexion.refusee"]


async def test_guessing_is_slowed_down_and_the_right_password_waits_too(door: Door) -> None:
    for _ in range(5):
        assert await door.tries("faux") == TurnedAway()
    turned = await door.tries()
    assert isinstance(turned, TurnedAway)
    assert 0 < turned.wait <= MINUTE
    door.passes(minutes=1)
    assert isinstance(await door.tries(), Admitted)
    assert await door.tries("faux") == TurnedAway(), "a success began the count anew"


async def test_an_unknown_account_is_answered_and_slowed_down_as_a_known_one(door: Door) -> None:
    for email in (MAIL, "personne@exemple.ca"):
        answers = [await door.tries("faux", email, f"198.51.100.{n}") for n in range(7)]
        assert answers[:5] == [TurnedAway()] * 5
        assert [one.wait > 0 for one in answers[5:]] == [True, True]  # type: ignore[union-attr]


async def test_one_address_that_tries_many_accounts_is_slowed_down(door: Door) -> None:
    for number in range(20):
        assert await door.tries("faux", f"a{number}@exemple.ca") == TurnedAway()
    turned = await door.tries("faux", "b@exemple.ca")
    assert isinstance(turned, TurnedAway)
    assert turned.wait > 0
    assert isinstance(await door.tries(network="192.0.2.1"), Admitted)


async def test_a_session_ends_when_nobody_uses_it_and_after_a_week_in_any_case(door: Door) -> None:
    idle, used = await door.comes_in(), await door.comes_in()
    for _ in range(6):
        door.passes(hours=11)
        assert await door.known(used) == "Camille Morin"
    assert await door.known(idle) is None
    for _ in range(10):
        door.passes(hours=11)
        await door.known(used)
    assert await door.known(used) is None


async def test_a_page_that_looks_again_by_itself_keeps_nobody_signed_in(door: Door) -> None:
    token = await door.comes_in()
    for _ in range(2):
        door.passes(hours=7)
        caller = await door.control.callers.of_session(token, HOME, used=False)
    assert caller is None


async def test_changing_the_password_ends_every_session_and_renews_ones_own(door: Door) -> None:
    here, elsewhere = await door.comes_in(), await door.comes_in()
    caller = await door.control.callers.of_session(here, HOME)
    assert caller is not None
    own = door.control.own
    with pytest.raises(EntryRefused) as wrong:
        await own.change_password(caller, "faux", GOOD * 2, GOOD * 2, HOME)
    assert wrong.value.field == "actuel"
    new = await own.change_password(caller, GOOD, GOOD * 2, GOOD * 2, HOME)
    assert [await door.known(one) for one in (here, elsewhere, new)] == [
        None,
        None,
        "Camille Morin",
    ]
    assert await door.tries() == TurnedAway()


async def test_a_second_factor_stands_between_the_password_and_the_session(door: Door) -> None:
    token = await door.comes_in()
    caller = await door.control.callers.of_session(token, HOME)
    assert caller is not None
    secret, offer, picture = door.control.own.offer_factor(caller)
    assert "<svg" in picture
    assert "style=" not in picture
    assert "viewBox=" in picture, "else a page that sizes it would show a corner of it"
    phone = pyotp.TOTP(secret)
    with pytest.raises(EntryRefused):
        await door.control.own.add_factor(caller, offer, "000000")
    codes = await door.control.own.add_factor(caller, offer, phone.at(door.clock.now()))
    found = await door.tries()
    assert isinstance(found, Admitted)
    assert not found.whole
    assert await door.known(found.token) is None, "half a session opens nothing"
    by_code = door.control.signing_in.by_code
    right = phone.at(door.clock.now())
    whole = await by_code(found.token, right, HOME)
    assert isinstance(whole, Admitted)
    assert await door.known(whole.token) == "Camille Morin"
    assert await by_code(found.token, right, HOME) is None, "the half session is over"
    again = await door.tries()
    assert isinstance(again, Admitted)
    assert await by_code(again.token, right, HOME) == TurnedAway(), "a code serves once"
    assert isinstance(await by_code(again.token, codes[0].upper(), HOME), Admitted)
    third = await door.tries()
    assert isinstance(third, Admitted)
    assert await by_code(third.token, codes[0], HOME) == TurnedAway(), "so does a recovery code"


async def test_codes_are_not_guessed_either(door: Door) -> None:
    caller = await door.control.callers.of_session(await door.comes_in(), HOME)
    assert caller is not None
    secret, offer, _ = door.control.own.offer_factor(caller)
    await door.control.own.add_factor(caller, offer, pyotp.TOTP(secret).at(door.clock.now()))
    half = await door.tries()
    assert isinstance(half, Admitted)
    for _ in range(5):
        assert await door.control.signing_in.by_code(half.token, "123456", HOME) == TurnedAway()
    turned = await door.control.signing_in.by_code(half.token, "123456", HOME)
    assert isinstance(turned, TurnedAway)
    assert turned.wait > 0


async def test_an_invitation_holds_three_days_and_serves_once(door: Door) -> None:
    team, read = door.control.team, frozenset({AccessRole.READ})
    _, path = await team.invite(SERVER, "zoe@exemple.ca", "Zoé", read)
    token = path.rpartition("/")[2]
    short = NewPerson("Zoé", "court", "court")
    with pytest.raises(EntryRefused) as wrong:
        await team.take_up(token, short, HOME)
    assert wrong.value.field == "mot_de_passe"
    session = await team.take_up(token, NewPerson("Zoé", GOOD, GOOD), HOME)
    assert session is not None
    assert await door.known(session) == "Zoé"
    assert await team.take_up(token, NewPerson("Zoé", GOOD, GOOD), HOME) is None
    _, path = await team.invite(SERVER, "tard@exemple.ca", "Tard", read)
    door.passes(days=3)
    assert await team.link(path.rpartition("/")[2]) is None


async def test_a_closed_account_is_out_at_once_and_a_new_link_bypasses_no_factor(
    door: Door,
) -> None:
    team = door.control.team
    account, path = await team.invite(SERVER, "zoe@exemple.ca", "Zoé", roles.ALL)
    session = await team.take_up(path.rpartition("/")[2], NewPerson("Zoé", GOOD, GOOD), HOME)
    assert session is not None
    await team.close(SERVER, account.id)
    assert await door.known(session) is None
    assert await door.tries(email="zoe@exemple.ca") == TurnedAway()
    with pytest.raises(EntryRefused):
        await team.new_link(SERVER, account.id)
    await team.reopen(SERVER, account.id)
    found = await door.tries(email="zoe@exemple.ca")
    assert isinstance(found, Admitted)
    caller = await door.control.callers.of_session(found.token, HOME)
    assert caller is not None
    secret, offer, _ = door.control.own.offer_factor(caller)
    await door.control.own.add_factor(caller, offer, pyotp.TOTP(secret).at(door.clock.now()))
    link = (await team.new_link(SERVER, account.id)).rpartition("/")[2]
    half = await team.take_up(link, NewPerson("", GOOD * 2, GOOD * 2), HOME)
    assert half is not None
    assert await door.known(half) is None


async def test_the_last_who_administers_cannot_be_shut_out(door: Door) -> None:
    team = door.control.team
    (only,) = await team.everybody()
    with pytest.raises(EntryRefused, match="dernier compte"):
        await team.close(SERVER, only.id)
    with pytest.raises(EntryRefused, match="dernier compte"):
        await team.give_roles(SERVER, only.id, frozenset({AccessRole.READ}))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("onze lettre", "12 caractères"),
        ("x" * 201, "200 caractères"),
        ("aaaaaaaaaaaabbb", "répètent"),
        ("Camille@Exemple.ca!", "ni votre nom"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_write_instead(password: str, why: str) -> None:
    assert why in (weakness(password, "camille@exemple.ca", "Camille") or "")


def test_a_long_sentence_is_a_password_whatever_its_signs() -> None:
    assert weakness("la pluie sur le toit", "camille@exemple.ca", "Camille Morin") is None
