"""The notifications of a project: files whose faults are told before anything is sent."""

import pytest

import plugins.push as plugin
from plugins.push.messages import MESSAGES, NotificationWords, leads_somewhere
from relance.channel import Message
from relance.project_files import ProjectFiles
from relance.testing import check_plugin


def faults(text: str | bytes) -> list[tuple[int, str]]:
    files = ProjectFiles.of({"notifications/Essai.txt": text})
    return [(one.line, one.message) for one in MESSAGES.faults(files)]


def written(text: str, message: Message) -> NotificationWords:
    (found,) = MESSAGES.of(ProjectFiles.of({"notifications/Essai.txt": text}))
    assert found.template is not None
    return found.template.written(message, {})


def test_the_plugin_keeps_the_contract(host) -> None:
    assert check_plugin(plugin, host) == ()


def test_the_first_line_is_the_title_and_a_last_address_the_link(message) -> None:
    assert written("Titre\nUn\nDeux\nhttps://a.ca/b\n", message()) == NotificationWords(
        "Titre", "Un\nDeux", "https://a.ca/b"
    )
    assert written("\n Seul \n", message()) == NotificationWords("Seul", "", None)
    assert written("T\nvoir https://a.ca/b", message()).link is None


def test_a_link_may_be_made_of_the_lead_s_values(message) -> None:
    text = "T\nhttps://a.ca/{{ ville | default: 'la ville' | url_encode }}"
    assert written(text, message(fields={"ville": "Lévis"})).link == "https://a.ca/L%C3%A9vis"
    assert written("T\nhttps://{{ ville }}", message(fields={"ville": ""})).link is None


def test_a_value_cannot_make_a_title_a_link(message) -> None:
    evil = "x\nhttps://mechant.example"
    words = written("{{ prénom }}\n{{ prénom }}", message(fields={"prénom": evil}))
    assert words == NotificationWords("x https://mechant.example", evil, None)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "ftp://a.ca", "https://", "https://a@b.ca", "//a.ca", "https://[", "x"],
)
def test_an_address_that_is_no_page_leads_nowhere(address) -> None:
    assert not leads_somewhere(address)
    assert not leads_somewhere("https://a.ca/\r\n")
    assert not leads_somewhere("https://a.ca/" + "a" * 2_000)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "titre"),
        ("\n \n", 1, "titre"),
        ("T" * 121, 1, "121 caractères"),
        ("T\n" + "a" * 1_001, 2, "1001 caractères"),
        ("T\nBonjour {{ prénom | gras }}", 2, "filtre"),
        ("T {% if ville %}", 1, "endif"),
        ("T\nhttps://[", 2, "aucune page"),
        (b"\xff\xfe\x00", 1, "UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, line: int, said: str) -> None:
    ((at, message),) = faults(text)
    assert at == line
    assert said in message
