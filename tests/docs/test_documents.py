"""The documents tell the truth: their scripts check, their commands run, their settings load."""

import base64
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dsl.diagnostics import Severity
from dsl.formatter import format_source
from dsl.help import render
from dsl.project import check
from dsl.read.letters import letters
from relance.testing import FakeHost
from relance.webhook_signature import SignatureVerdict, secret_bytes, verify
from server.cli.commands import COMMANDS, load
from server.cli.main import main
from server.plugins import load_plugins
from server.publication.on_disk import on_disk
from server.settings import FormSettings, load_settings
from server.setup import refuse_unread

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "LISEZMOI.md",
    # The page about plugins lives on a plugin of its own: its test runs it whole.
    *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.stem != "ecrire-une-extension"),
]
#: Commands that end by themselves and change nothing: they are run as the page gives them.
HARMLESS = ("check", "fmt --check", "test", "phrases")


def blocks(page: Path, *languages: str) -> Sequence[str]:
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in languages]


def commands(page: Path) -> Sequence[str]:
    lines = "\n".join(blocks(page, "sh", "console", "text")).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("relance ")]


WEBHOOK = "whsec_" + "a" * 40


def each(find: Callable[[Path], Sequence[str]]) -> list[object]:
    return [
        pytest.param(item, id=f"{page.name}-{number}")
        for page in PAGES
        for number, item in enumerate(find(page))
    ]


@pytest.mark.parametrize("script", each(lambda page: blocks(page, "relance")))
def test_the_scripts_of_the_pages_check(script: str) -> None:
    loaded = load_plugins()
    host = FakeHost({"appels": {"comptabilite": {"adresse": "https://a.ca", "secret": WEBHOOK}}})
    references: Mapping[str, Sequence[str]] = loaded.references(on_disk(ROOT / "rules"), host)
    written = [one.words for one in letters(script, loaded.catalogue)]
    references = {**references, "courriel": [*references["courriel"], "Tarifs", *written]}
    found = check({"page": script}, loaded.catalogue, references).diagnostics["page"]
    wrong = [one for one in found if one.severity is Severity.ERROR]
    assert not wrong, render.as_text(script, wrong, "page")


@pytest.mark.parametrize("script", each(lambda page: blocks(page, "relance")))
def test_the_scripts_of_the_pages_are_well_formed(script: str) -> None:
    formatted = format_source(script, load_plugins().catalogue)
    assert formatted.replace("\u00a0", " ") == script.replace("\u00a0", " ")


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "LISEZMOI.md"], ids=["en", "fr"])
def test_the_readme_opens_with_a_real_rule(page: Path) -> None:
    (shown,) = blocks(page, "relance")
    assert shown in (ROOT / "rules" / "bienvenue.relance").read_text(encoding="utf-8")


def test_both_readmes_give_the_same_commands() -> None:
    english, french = ROOT / "README.md", ROOT / "LISEZMOI.md"
    assert commands(english) == commands(french)
    assert blocks(english, "toml") == blocks(french, "toml")


@pytest.mark.parametrize("line", each(commands))
def test_the_commands_of_the_pages_exist(line: str) -> None:
    _, command, *arguments = shlex.split(line)
    assert command in COMMANDS
    known = {name for one in load(command).params for name in one.opts}
    assert {word for word in arguments if word.startswith("--")} <= known


@pytest.mark.parametrize(
    "line", sorted({line for page in PAGES for line in commands(page) if line.endswith("rules")})
)
def test_the_harmless_commands_of_the_pages_run(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not line.removeprefix("relance ").startswith(HARMLESS):
        if line != "relance fmt rules":  # would write; `--check` stands for it
            pytest.skip("does not end by itself, or needs a running server")
        line = "relance fmt --check rules"
    if line == "relance test rules":  # the tests of the library play each of them: one is enough
        line = "relance test rules/bienvenue.relance"
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line)[1:])
    assert not ended.value.code, capsys.readouterr()


def settings_of(page: Path) -> list[str]:
    return [block for block in blocks(page, "toml") if "[[personne]]" not in block]


@pytest.mark.parametrize("settings", each(settings_of))
def test_the_settings_of_the_pages_load(settings: str, tmp_path: Path) -> None:
    (tmp_path / "relance.toml").write_text(settings, encoding="utf-8")
    loaded = load_settings(tmp_path, {})
    refuse_unread(loaded, load_plugins())


def test_the_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`?make ([a-z]+)`?", "\n".join(blocks(page, "sh", "text", "console")))
        assert set(named) <= targets, page.name


def test_the_continuous_checks_call_the_readme_s_own_test_command() -> None:
    assert "make test" in "\n".join(blocks(ROOT / "README.md", "sh"))
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_quick_start_works_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ROOT / "docs" / "demarrage-rapide.md"
    (tmp_path / "courriels").mkdir()
    (mail,) = blocks(page, "markdown")
    (tmp_path / "courriels" / "tarifs.md").write_text(mail, encoding="utf-8")
    (script,) = blocks(page, "relance")
    (tmp_path / "tarifs.relance").write_text(script, encoding="utf-8")
    for command in ("check", "test"):
        with pytest.raises(SystemExit) as ended:
            main([command, str(tmp_path)])
        said = capsys.readouterr()
        assert not ended.value.code, said
    assert "scénario" in said.out


def test_the_signature_the_page_makes_is_accepted() -> None:
    (source,) = blocks(ROOT / "docs" / "http.md", "python")
    namespace: dict[str, Callable[[str, bytes], Mapping[str, str]]] = {}
    exec(compile(source, "http.md", "exec"), namespace)  # type: ignore[arg-type]
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    body = "courriel=a@b.ca&prénom=Zoé".encode()
    headers = namespace["entetes"](secret, body)
    assert verify(secret_bytes(secret), headers, body, datetime.now(UTC)) is SignatureVerdict.VALID
    assert (
        verify(secret_bytes(secret), headers, body + b"x", datetime.now(UTC))
        is SignatureVerdict.WRONG
    )


def test_the_form_the_page_shows_uses_fields_the_server_knows() -> None:
    (form,) = blocks(ROOT / "docs" / "http.md", "html")
    hidden = set(re.findall(r'name="(_\w+)"', form))
    assert hidden == {FormSettings().honeypot, "_redirect"}
