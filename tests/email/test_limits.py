"""What a lead's values, or an author, cannot do to a message: make it break, or make it swell."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from liquid.exceptions import LiquidError

from plugins.email.channel import EmailChannel
from relance.channel import Message, Refused, Retry
from relance.errors import StoreUnavailable
from relance.templates.language import FILTERS, FRENCH, HTML, TEXT
from relance.testing import FakeHost
from tests.email.conftest import TARIFS
from tests.email.sink import Sink

Build = Callable[..., Message]

HUGE = ["1e300000000", "-1e300000000", "1e-300000000", "1e999", "NaN", "Infinity", "9" * 4_000]
POLYGLOT = "<script>alert(1)</script>\"'&lt;b&gt;"
ARGUMENTS = {
    "append": '"&"',
    "prepend": '"&"',
    "replace": '"a", "b"',
    "remove": '"amp;"',
    "join": '","',
    "split": '""',
    "truncate": "9",
    "truncatewords": "1",
    "default": '"z"',
    "divided_by": "2",
    "minus": "1",
    "plus": "1",
    "times": "2",
}
CALLS = [
    f"{name}: {ARGUMENTS[name]}" if name in ARGUMENTS else name
    for name in sorted([*FILTERS, *FRENCH])
]


@pytest.mark.parametrize("call", [*CALLS, "nombre: 2", "round: 2"])
@pytest.mark.parametrize("value", HUGE)
def test_no_number_a_visitor_types_breaks_a_filter_or_fills_the_memory(
    call: str, value: str
) -> None:
    try:
        shown = TEXT.from_string("{{ x | " + call + " }}").render(x=value)
    except LiquidError:
        return
    assert len(shown) < 10_000


@pytest.mark.parametrize(
    "source",
    [
        '{{ (1..100000000) | join: "," }}',
        "{{ (1..100000000) | last }}{{ (1..100000000) | first | join }}{{ (1..9999999) | join }}",
        "{{ x | replace: 'a', x | replace: 'a', x }}",
        "{% assign y = x | split: '' %}{{ y | join: x | split: '' | join: x }}",
    ],
)
def test_no_filter_makes_much_of_little(source: str) -> None:
    with pytest.raises(LiquidError):
        HTML.from_string(source).render(x="a" * 4_000)


def test_no_two_filters_let_an_element_through() -> None:
    for first, second in product(CALLS, CALLS):
        source = "{{ x | " + first + " | " + second + " }}"
        try:
            shown = HTML.from_string(source).render(x=POLYGLOT)
        except LiquidError:
            continue
        assert "<" not in shown, source
        assert '"' not in shown, source


async def test_a_lead_whose_values_cannot_be_shown_stops_nobody_and_is_told_in_french(
    channel: EmailChannel, message: Build, folder: Path
) -> None:
    source = TARIFS.replace("Voici nos", "{{ prénom | round }} Voici nos")
    (folder / "courriels" / "tarifs.md").write_text(source)
    outcome = await channel.send(message("1e999"))
    assert isinstance(outcome, Refused)
    assert "un filtre reçoit une valeur qui ne lui convient pas" in outcome.reason
    assert "\n" not in outcome.reason


async def test_a_store_that_cannot_be_written_puts_the_message_off_without_doubt(
    channel: EmailChannel, message: Build, sink: Sink, host: FakeHost
) -> None:
    async def full(_: object) -> list[int]:
        raise StoreUnavailable("database or disk is full")

    host.keep = full  # type: ignore[assignment, method-assign]
    assert isinstance(await channel.send(message()), Retry)
    assert sink.messages == []
