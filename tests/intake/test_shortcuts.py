"""What the intake reads by a shortcut reads as it would by the long way."""

from urllib.parse import parse_qsl

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from relance.events import NewEvent
from relance.host import Identities, Incoming
from server.http import bodies
from server.intake import incoming
from server.store.contacts import phone_key


def as_dialled(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


digits = st.text("0123456789", min_size=10, max_size=10)
areas = st.sampled_from(("514", "418", "212", "800", "900", "500", "523", "710", "310", "264"))


@given(
    st.one_of(digits, st.tuples(areas, digits).map(lambda two: two[0] + two[1][3:])),
    st.sampled_from(("", "1", "+1", "+1 ", "1-")),
    st.sampled_from(("{}{}{}", "{} {}-{}", "({}) {}-{}", "{}.{}.{}", "{}-{} {}")),
    st.sampled_from(("CA", "US", "FR")),
)
def test_an_everyday_phone_is_what_the_whole_reading_says(
    number: str, prefix: str, written: str, region: str
) -> None:
    text = prefix + written.format(number[:3], number[3:6], number[6:])
    assert phone_key(text, region) == as_dialled(text, region)


pieces = st.sampled_from(
    ["a", "é", "=", "&", "+", "%", "%20", "%C3%A9", "%C3", "%ff", "%zz", "%00", "\0", "%26", "%3D"]
)


@given(st.lists(pieces, max_size=12).map("".join))
@example("a=%00&b=\0")
@example("%C3=%A9")
def test_an_urlencoded_body_is_what_the_standard_library_reads(text: str) -> None:
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        # Not in UTF-8: what is not of another charset is read all the same.
        read = bodies._urlencoded(text.encode(), "")
        expected = parse_qsl(text, keep_blank_values=True, errors="replace")
        assert len(read) == len(expected)
        for pair, sound in zip(read, expected, strict=True):
            assert [one for one in sound if "\ufffd" not in one] == [
                one for one, like in zip(pair, sound, strict=True) if "\ufffd" not in like
            ]
    else:
        assert bodies._urlencoded(text.encode(), "") == expected


texts = st.one_of(
    st.sampled_from(["", "x", "\0", "\ud800", "é" * 61, "x" * 65, "x" * 300, "x" * 5_000]),
    st.text(max_size=8),
)
values = st.one_of(texts, st.integers(), st.booleans(), st.lists(texts, max_size=2), st.none())


@given(
    texts,
    st.dictionaries(texts, texts, max_size=4),
    texts,
    st.one_of(st.none(), texts),
    st.dictionaries(texts, values, max_size=4),
)
def test_what_is_taken_for_ordinary_breaks_no_rule(
    email: str,
    fields: dict[str, str],
    subject: str,
    key: str | None,
    properties: dict[str, object],
) -> None:
    fact = Incoming(
        source="form:x",
        identities=Identities(email=email),
        fields=fields,
        events=(NewEvent("form_submitted", subject, properties=properties),),
        key=key,
    )
    if incoming._ordinary(fact):
        assert not list(incoming._problems(fact))


def test_a_usual_form_is_ordinary() -> None:
    fact = Incoming(
        source="form:Contact",
        identities=Identities(email="aline@exemple.example"),
        fields={"prénom": "Aline"},
        events=(NewEvent("form_submitted", "Contact", properties={"message": "Bonjour"}),),
    )
    assert incoming._ordinary(fact)
