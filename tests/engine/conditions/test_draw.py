from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, literal, select

from server.engine.draw import RANGE, draw, draw_sql
from server.engine.seed import digest_of
from server.store.store import Store


@given(st.integers(0, 2**62), st.text(max_size=20))
def test_a_draw_is_in_range_and_stable(lead: int, salt: str) -> None:
    assert 0 <= draw(lead, salt) < RANGE
    assert draw(lead, salt) == draw(lead, salt)


def test_only_a_whole_digest_stands_for_an_identity() -> None:
    assert digest_of("~" + digest_of("Objet").hex()) == digest_of("Objet")
    assert digest_of("~0") != digest_of("0")


async def test_both_stores_draw_what_python_draws(store: Store) -> None:
    leads = [*range(200), 2_147_483_646, 2_147_483_647, 10**15, 2**62]
    async with store.read() as conn:
        for salt in ("a", "Relance/Objet", ""):
            for lead in leads:
                drawn = select(draw_sql(literal(lead, BigInteger), salt))
                assert await conn.scalar(drawn) == draw(lead, salt)


def test_draws_are_even_over_many_leads() -> None:
    for salt in ("a", "b", "Objet"):
        counts = [0] * 10
        for lead in range(1, 20_001):
            counts[draw(lead, salt) * 10 // RANGE] += 1
        assert max(abs(count - 2_000) for count in counts) < 200  # 4.7 standard deviations


def test_two_places_draw_independently() -> None:
    for salts in (("a", "b"), ("Objet 1", "Objet 2"), ("x", "xx")):
        both = sum(
            draw(lead, salts[0]) < RANGE // 2 and draw(lead, salts[1]) < RANGE // 2
            for lead in range(1, 20_001)
        )
        assert abs(both - 5_000) < 300  # 4.9 standard deviations
