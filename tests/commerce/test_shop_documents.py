"""What a shop posts, read: all that is wrong is told, in French, with its place."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from plugins.commerce.documents import read_document, read_json
from plugins.commerce.transactions import PATH, Transactions
from relance.errors import Unacceptable
from relance.host import Incoming
from relance.testing import FakeHost, asked
from tests.commerce.shop import HELMET, LEAD, refund, sale


def incoming(data: object, pointer: str) -> Incoming:
    return Transactions(FakeHost())._incoming(read_document(data, pointer), pointer)


def posting(body: bytes) -> Request:
    return asked("POST", PATH, body=body)


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": -1}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": "1 234,50"}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": "NaN"}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": True}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": None}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": "0.00001"}]}),
        ("/articles/0/prix", {"articles": [{**HELMET, "prix": 1_000_000_000, "quantite": 2}]}),
        ("/articles/0/quantite", {"articles": [{**HELMET, "quantite": 0}]}),
        ("/articles/0/quantite", {"articles": [{**HELMET, "quantite": -1}]}),
        ("/articles/0/nom", {"articles": [{"prix": 1}]}),
        ("/articles/0/nom", {"articles": [{**HELMET, "nom": "x" * 256}]}),
        ("/articles/0/couleur", {"articles": [{**HELMET, "couleur": "bleu"}]}),
        ("/articles/0", {"articles": ["Casque"]}),
        ("/articles", {"articles": []}),
        ("/articles", {"articles": [HELMET] * 201}),
        ("/articles", {"articles": [{**HELMET, "prix": 900_000_000}] * 2}),
        ("/montant", {"articles": None}),
        ("/montant", {"montant": -1}),
        ("/montant", {"montant": "1000000001"}),
        ("/devise", {"devise": "XYZ"}),
        ("/devise", {"devise": 12}),
        ("/date", {"date": "hier"}),
        ("/date", {"date": "1999-12-31"}),
        ("/date", {"date": "2999-01-01"}),
        ("/date", {"date": "0001-01-01T00:00:00+23:59"}),
        ("/id", {"id": ""}),
        ("/id", {"id": "x" * 201}),
        ("/id", {"id": "a\nb"}),
        ("/id", {"id": None}),
        ("/id", {"id": 1.5}),
        ("/lead", {"lead": {}}),
        ("/lead", {"lead": None}),
        ("/lead/nom", {"lead": {**LEAD, "nom": "Aline"}}),
        ("/type", {"type": "vol"}),
        ("/infos", {"infos": ["canal"]}),
        ("/infos/canal", {"infos": {"canal": {"a": 1}}}),
        ("/infos/canal", {"infos": {"canal": "x" * 256}}),
        ("/transaction", {"transaction": "C-0"}),
        ("/a~1b", {"a/b": 1}),
    ],
)
def test_what_is_wrong_is_told_with_its_place(pointer: str, change: Mapping[str, Any]) -> None:
    with pytest.raises(Unacceptable) as refused:
        incoming(sale(**change), "/7")
    messages = {one.pointer: one.message for one in refused.value.problems}
    assert "/7" + pointer in messages
    assert messages["/7" + pointer].endswith((".", "…", '"'))


@pytest.mark.parametrize(
    ("pointer", "change"),
    [
        ("/montant", {"montant": None}),
        ("/montant", {"montant": 0}),
        ("/montant", {"montant": "-5"}),
        ("/transaction", {"transaction": None}),
        ("/articles", {"articles": [HELMET]}),
    ],
)
def test_a_refund_says_how_much_and_of_what(pointer: str, change: Mapping[str, Any]) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_document(refund(**change), "")
    assert pointer in {one.pointer for one in refused.value.problems}


@pytest.mark.parametrize(
    "number",
    ["1e999", "1e999999999", "1e-400", "NaN", "Infinity", "-Infinity", "9" * 5_000, "1.5e400"],
)
async def test_numbers_that_are_none_or_absurd_are_refused(number: str) -> None:
    host = FakeHost()
    text = f'{{"id": "C-1", "lead": {{"courriel": "a@b.ca"}}, "montant": {number}}}'
    with pytest.raises(Unacceptable):
        await Transactions(host).answer(posting(text.encode()))
    assert host.recorded == []


def test_amounts_are_never_floats() -> None:
    items = [{"nom": "x", "prix": 0.1, "quantite": 3}, {"nom": "y", "prix": "0.0001"}]
    text = str(sale(articles=items)).replace("'", '"')
    document = read_document(read_json(text.encode()), "")
    assert document.amount == Decimal("0.3001")
    weighed = {"nom": "Thé", "prix": "19.99", "quantite": "0.333"}
    assert read_document(sale(articles=[weighed]), "").amount == Decimal("6.6567")


def test_null_and_empty_are_absent_wherever_they_stand() -> None:
    items = [None, {"nom": "x", "sku": None, "prix": 2, "quantite": None, "categories": [None]}]
    lead = {"Email": "a@b.ca", "telephone": None}
    posted = sale(
        articles=items,
        lead=lead,
        devise=None,
        date="",
        montant=None,
        champs=None,
        infos={"a": None},
    )
    document = read_document(posted, "")
    assert (document.amount, document.lead) == (Decimal(2), {"courriel": "a@b.ca"})
    assert (document.date, document.currency, dict(document.infos)) == (None, None, {})


def test_what_the_shop_says_it_came_to_is_believed_over_the_sum_of_its_items() -> None:
    assert read_document(sale(montant="57.37"), "").amount == Decimal("57.37")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["id", "lead", "articles", "montant", "devise", "date", "infos", "type"])


@given(st.dictionaries(keys | st.text(max_size=5), json_values, max_size=6))
def test_any_document_is_read_or_refused(change: dict[str, Any]) -> None:
    try:
        document = read_document({**sale(), **change}, "")
    except Unacceptable:
        return
    assert document.id
    assert document.lead
    assert document.amount.copy_abs() <= 1_000_000_000


async def test_a_post_that_would_hold_the_store_too_long_is_refused() -> None:
    host = FakeHost()
    many = {"nom": "x", "prix": 1, "categories": [str(n) for n in range(20)]}
    posted = [sale(str(n), articles=[many] * 100) for n in range(10)]
    with pytest.raises(Unacceptable, match="divisez"):
        await Transactions(host).answer(posting(json.dumps(posted).encode()))
    assert host.recorded == []
    await Transactions(host).answer(posting(json.dumps(posted[:9]).encode()))
    assert len(host.recorded) == 9
