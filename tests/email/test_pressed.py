"""A template that costs little is filled in where one stands, and says what the library would say."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from plugins.email import channel as sending
from plugins.email import compose
from plugins.email.channel import EmailChannel
from plugins.email.headers import Mailbox
from plugins.email.messages import MESSAGES
from plugins.email.template import EmailTemplate, parse
from relance.channel import Message, Refused, Sent
from relance.templates.language import HTML, TEXT
from relance.templates.pieces import Unpressable, Unpressed
from relance.templates.pressed import press
from relance.variable import Named
from server.publication.on_disk import on_disk
from tests.email.sink import Sink

LIBRARY = Path(__file__).parents[2] / "rules"
AT = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)

names = st.sampled_from(["a", "b", "é", "n.a", "n.b.a", "l", "l.a", "a.b"])
literals = st.sampled_from(
    ["'x'", "'<b>'", "''", "1", "0", "true", "false", "nil", "empty", "blank"]
)
operands = names | literals
filters = st.sampled_from(
    [
        *("default: 'z'", "default: 0", "upcase", "strip", "capitalize", "truncate: 3", "date"),
        *("nombre", "montant", "montant: '€'"),
    ]
)
chains = st.builds(
    lambda first, rest: " | ".join([first, *rest]), operands, st.lists(filters, max_size=2)
)
conditions = st.recursive(
    operands | st.builds("{} {} {}".format, operands, st.sampled_from(["==", "!="]), operands),
    lambda under: st.builds("{} {} {}".format, under, st.sampled_from(["and", "or"]), under),
    max_leaves=3,
)
texts = st.sampled_from(["texte", " ", "\n", "<i>", "é & ", "{% comment %}non{% endcomment %}"])
plain = texts | st.builds("{{{{ {} }}}}".format, chains)
assigned = st.sampled_from(["a", "c", "n"])
sources = st.lists(
    st.recursive(
        plain | st.builds("{{% assign {} = {} %}}".format, assigned, chains),
        lambda under: st.builds(
            lambda tag, asked, first, other, then, last: (
                f"{{% {tag} {asked} %}}{first}{{% elsif {other} %}}{then}"
                f"{{% else %}}{last}{{% end{tag} %}}"
            ),
            *(st.sampled_from(["if", "unless"]), conditions, st.lists(under).map("".join)),
            *(conditions, st.lists(under, max_size=2).map("".join), under),
        ),
        max_leaves=6,
    ),
    max_size=6,
).map("".join)
scalars = st.one_of(
    st.text(st.sampled_from("ax<>&\"'é \r\n{%}\u2028"), max_size=5),
    st.sampled_from([None, True, False, 0, 1, 10**30, 1.5, Decimal("1.20"), Decimal("NaN")]),
    st.sampled_from([date(2026, 12, 3), AT, "2026-12-03", "12", "m" * 1_001]),
)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(names, scalars, max_size=2)
held = st.dictionaries(
    st.sampled_from(["a", "b", "é", "l", "n", "partial"]),
    values | st.builds(Named, st.dictionaries(st.sampled_from("ab"), values, max_size=2)),
)


def _said(template: BoundTemplate, known: dict[str, Any]) -> str | type[Exception]:
    try:
        return template.render(**known)
    except (LiquidError, Unpressed) as error:
        return Unpressed if isinstance(error, Unpressed) else LiquidError


@given(sources, held)
@example("{% if a %} {% assign b = 1 %}{% endif %}{{ b }}", {"a": "x", "b": "y"})
@example("{% if a %}x{% elsif b %} {% else %}z{% endif %}", {"b": "y"})
@example("{% if a == 0 %}x{% endif %}{% unless a %}y{% endunless %}", {"a": False})
@example("{{ a }}\n", {"a": "x\r"})
@settings(max_examples=100, deadline=None)
def test_what_is_pressed_says_what_the_library_says(source: str, known: dict[str, Any]) -> None:
    for environment in (HTML, TEXT):
        try:
            template = environment.from_string(source)
        except LiquidError:
            return
        try:
            pressed = press(template)
        except Unpressable:
            continue
        said = _said(pressed, known)
        assert said is Unpressed or said == _said(template, known)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in l %}{{ i }}{% endfor %}",
        "{{ a | append: a }}",
        "{{ a | truncate: b }}",
        "{% capture a %}{{ a }}{{ a }}{% endcapture %}",
        "{% if a < b %}{% endif %}",
        "{{ n.size }}{{ n[a] }}{{ partial }}",
        "{{ a }}" * 501,
        "{% assign a = a %}" * 51,
        "x" * 100_001,
    ],
)
def test_what_may_repeat_or_swell_is_left_to_the_library(source: str) -> None:
    with pytest.raises(Unpressable):
        press(TEXT.from_string(source))


def test_the_worst_that_is_pressed_takes_milliseconds() -> None:
    source = "{{ a }}" * 500
    pressed = press(HTML.from_string(source))
    began = time.process_time()
    with pytest.raises(Unpressed):
        pressed.render(a="&" * 1_000)
    assert time.process_time() - began < 0.2
    with pytest.raises(Unpressed):
        pressed.render(a="&" * 1_001)


def _written(template: EmailTemplate, fields: dict[str, Any]) -> bytes:
    address = "aline@exemple.ca"
    message = Message("k", template.name, 1, address, fields, "Accueil", 1, AT)
    leave = "https://relance.exemple.ca/d/jeton"
    envelope = compose.Envelope(
        Mailbox("b@exemple.ca", "Boutique"), Mailbox(address), "<1@exemple.ca>", leave, None, AT
    )
    known = {"lien_desabonnement": leave, "maison": Named({"couleur": "#123", "nom": "É & fils"})}
    addresses = {"lien_0": "https://r.ca/c/0?a=1&b=2", "_pixel": "https://r.ca/o/1.gif"}
    return compose.write_all(template, message, known, envelope, addresses)


def test_every_mail_of_the_library_is_pressed_to_the_same_bytes() -> None:
    fields = [{}, {"prénom": "Zoé\nBcc: x@y.ca <b>", "ville": "L’Île"}, {"prénom": "é" * 999}]
    for one in MESSAGES.of(on_disk(LIBRARY)):
        assert one.template is not None
        assert one.template.pressed is not None, one.name
        for each in fields:
            assert _written(one.template.pressed, each) == _written(one.template, each), one.name


def test_a_mail_of_which_one_part_repeats_is_not_pressed() -> None:
    head = "---\nobjet: Bonjour {{ prénom }}\n---\n"
    assert parse(head + "Bonjour", "a", "courriels/a.md").template.pressed is not None  # type: ignore[union-attr]
    for body in ("{% for i in (1..3) %}{{ i }}{% endfor %}", "[Lire](https://{{ a | append: a }})"):
        template = parse(head + body, "a", "courriels/a.md").template
        assert template is not None
        assert template.pressed is None


async def test_only_what_cannot_be_filled_in_here_goes_to_the_process_apart(
    channel: EmailChannel,
    message: Callable[..., Message],
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apart: list[object] = []
    filled = sending.filled
    monkeypatch.setattr(
        sending, "filled", lambda work, *given: (apart.append(work), filled(work, *given))[1]
    )
    assert isinstance(await channel.send(message()), Sent)
    assert apart == []
    assert isinstance(await channel.send(message("A" * 1_001)), Sent)
    assert apart == [compose.write_all]
    assert isinstance(await channel.send(message("A" * 500_001)), Refused), (
        "the library’s own limit"
    )
    short, long = sink.messages
    assert "Bonjour Aline," in short.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "A" * 1_001 in long.get_body(("plain",)).get_content()  # type: ignore[union-attr]
