"""Nothing a visitor typed adds a header, a recipient or an SMTP command."""

import email
import email.policy
from collections.abc import Callable
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugins.email import headers
from plugins.email.channel import EmailChannel
from relance.channel import Message, Sent
from tests.email.sink import Sink

SMUGGLED = "=?UTF-8?Q?a=0ABcc:_x@y.z?="
hostile = st.text(
    st.sampled_from(list('ab=?"\\<>@:;, é’œ\r\n\0\x0b\x0c\x1b\x85\u2028\u2029\ud800🎉')),
    max_size=60,
) | st.text(max_size=200)


async def test_an_encoded_word_in_a_first_name_stays_text_in_the_bytes_sent(
    channel: EmailChannel, message: Callable[..., Message], sink: Sink
) -> None:
    assert isinstance(await channel.send(message(prénom=SMUGGLED)), Sent)
    (raw,) = sink.raw
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"bcc" not in head.lower()
    assert sink.envelopes[0].rcpt_tos == ["aline@exemple.ca"]
    shown = str(make_header(decode_header(sink.messages[0].get("Subject"))))
    assert sink.messages[0]["Bcc"] is None
    assert "Bcc" in shown, "the reader sees the characters the visitor typed"


@pytest.mark.parametrize(
    "name",
    ["a\r\nBcc: x@y.z", "a\nBcc: x@y.z", "a\rBcc: x@y.z", "a\0b", "a\u2028Bcc: x", "\r\n\r\nCorps"],
)
async def test_line_ends_in_a_first_name_add_no_header(
    channel: EmailChannel, message: Callable[..., Message], sink: Sink, name: str
) -> None:
    assert isinstance(await channel.send(message(prénom=name)), Sent)
    head = sink.raw[0].partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert sorted(names) == sorted(set(names))
    assert b"Bcc" not in names
    assert b"\n" not in head.replace(b"\r\n", b"")


@given(hostile)
def test_any_text_makes_one_header_that_reads_back_as_itself(text: str) -> None:
    line = headers.line("Subject", headers.value("Subject", text))
    assert line.endswith(b"\r\n")
    assert line.isascii()
    inside = line[:-2]
    assert b"\n" not in inside.replace(b"\r\n ", b"")
    assert b"\r" not in inside.replace(b"\r\n ", b"")
    assert all(len(part) <= 76 for part in inside.split(b"\r\n"))
    parsed = email.message_from_bytes(line + b"\r\n", policy=email.policy.compat32)
    assert parsed.keys() == ["Subject"]
    shown = str(make_header(decode_header(parsed["Subject"])))
    assert shown.strip() == headers.clean(text).strip()


LONG = "Votre essai du vélo de ville se termine bientôt : gardez-le à moitié prix jusqu’à dimanche"


@pytest.mark.parametrize("subject", [LONG, "é" * 300, "🚲" * 60, "Your free trial ends soon " * 8])
@pytest.mark.parametrize("field", ["Subject", "X-A-Name-That-Is-Longer-Than-Most"])
def test_a_long_subject_is_folded_and_reads_back_as_it_was(subject: str, field: str) -> None:
    line = headers.line(field, headers.value(field, subject))
    parts = line[:-2].split(b"\r\n")
    assert len(parts) > 1
    assert all(len(part) <= 76 for part in parts)
    assert all(part[:1] == b" " and part.strip() for part in parts[1:])
    parsed = email.message_from_bytes(line + b"\r\n", policy=email.policy.default)
    assert parsed[field] == subject.strip()


@pytest.mark.parametrize("name", ["Boutique de vélos", "B" * 70, "É" * 70, "A. B. " * 20, "Vélo"])
@pytest.mark.parametrize("local", ["a", "b" * 40])
@pytest.mark.parametrize("field", ["From", "To", "Reply-To"])
def test_a_name_and_its_address_are_folded_too(name: str, local: str, field: str) -> None:
    line = headers.line(field, headers.Mailbox(f"{local}@exemple.ca", name.strip()).header(field))
    assert all(len(part) <= 76 for part in line[:-2].split(b"\r\n"))
    parsed = email.message_from_bytes(line + b"\r\n", policy=email.policy.compat32)
    shown = str(make_header(decode_header(parsed[field].replace("\r\n", ""))))
    name_shown, address_shown = parseaddr(shown)
    assert (name_shown, address_shown) == (name.strip(), f"{local}@exemple.ca")


@given(hostile)
def test_any_name_makes_one_sender(name: str) -> None:
    made = headers.Mailbox("a@exemple.ca", headers.clean(name)).header("From")
    line = headers.line("From", made)
    parsed = email.message_from_bytes(line + b"\r\n", policy=email.policy.compat32)
    assert parsed.keys() == ["From"]
    assert line.rstrip().endswith(b"<a@exemple.ca>")


@given(hostile)
def test_no_text_is_an_address_that_ends_an_smtp_command(text: str) -> None:
    found = headers.address(text)
    if found is not None:
        assert not set(found.address) & set("\r\n\0<> \u2028\u2029\x85")
        assert found.address.count("@") == 1


def test_a_value_that_slipped_through_is_a_bug_and_not_a_second_header() -> None:
    for content in (b"a\r\nBcc: x", b"a\nb", b"a\rb", b"a\0b"):
        with pytest.raises(ValueError, match="one header"):
            headers.line("Subject", content)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("a@exemple.ca", "", "a@exemple.ca"),
        ("La Petite Roue <a@exemple.ca>", "La Petite Roue", "a@exemple.ca"),
        ('"Roue, Petite" <a@exemple.ca>', "Roue, Petite", "a@exemple.ca"),
        ("Étienne <a@exemple.ca>", "Étienne", "a@exemple.ca"),
    ],
)
def test_a_sender_is_read_as_people_write_it(text: str, name: str, address: str) -> None:
    found = headers.mailbox(text)
    assert found is not None
    assert (found.name, found.address) == (name, address)


@pytest.mark.parametrize(
    "text", ["", "a", "A <a>", "a@b.ca, c@d.ca", "A <a@b.ca> <c@d.ca>", "a\n@b.ca"]
)
def test_what_is_no_sender_is_not_read_as_one(text: str) -> None:
    assert headers.mailbox(text) is None


usual = st.builds(
    "{}@{}".format,
    st.text(st.sampled_from("a0._+-Z@é"), min_size=1, max_size=5) | st.just("a" * 65),
    st.sampled_from(
        ["exemple.ca", "Exemple.CA", "a..b", "localhost", "x.test", "-a.ca", "xn--e.ca"]
    )
    | st.text(st.sampled_from("a0.-A"), max_size=6),
) | st.sampled_from(["info@exemple.ca", "a@" + "b" * 60 + ".ca", "a@" + "b.c" * 60 + ".ca", "a"])


@given(usual | hostile)
@example("a" * 200 + "@" + "b" * 60 + ".ca")
def test_a_usual_address_is_judged_as_any_other(text: str) -> None:
    assert headers.address(text) == headers._address(text)
