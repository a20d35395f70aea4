"""The SMS of a project: files whose faults are told before anything is sent."""

from pathlib import Path

import pytest

import plugins.sms as plugin
from plugins.sms.messages import MESSAGES
from relance.testing import check_plugin
from server.publication.on_disk import on_disk


def write(folder: Path, text: str | bytes, name: str = "Essai.txt") -> list[tuple[str, int, str]]:
    path = folder / "sms" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(f.file, f.line, f.message) for f in MESSAGES.faults(on_disk(folder))]


def test_the_plugin_keeps_the_contract() -> None:
    assert check_plugin(plugin) == ()


def test_a_message_is_called_as_its_file(folder: Path) -> None:
    assert MESSAGES.references(on_disk(folder)) == {"SMS": ["Rappel"]}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "n’a pas de texte"),
        ("  \n\n", 1, "n’a pas de texte"),
        ("Bonjour\n{% if ville %}", 2, "endif"),
        ("Bonjour\n{{ prénom | majuscules }}", 2, "filtre"),
        (b"\xff\xfe\x00", 1, "UTF-8"),
        ("a" * 30_000, 1, "plus de 20\u00a0ko"),
        ("a" * 1_531, 1, "1531 caractères, 11 parties"),
        ("ê" + "a" * 670, 1, "11 parties de 67 à cause de : ê"),
    ],
)
def test_a_fault_is_told_with_its_place(folder: Path, text: str, line: int, said: str) -> None:
    ((file, at, message),) = write(folder, text)
    assert (file, at) == ("sms/Essai.txt", line)
    assert said in message


@pytest.mark.parametrize("text", ["a" * 1_530, "ê" * 670, "{{ prénom }}, {{ ville }}"])
def test_what_can_be_sent_has_no_fault(folder: Path, text: str) -> None:
    assert write(folder, text) == []


def test_two_files_of_one_name_are_a_fault(folder: Path) -> None:
    (folder / "hiver" / "sms").mkdir(parents=True)
    (folder / "hiver" / "sms" / "rappel.txt").write_text("Bonjour")
    (fault,) = MESSAGES.faults(on_disk(folder))
    assert "déjà le nom" in fault.message
