"""What the house offers is documented, and documented things exist: a test keeps the accounts."""

import re
from functools import cache
from pathlib import Path

from dsl.help.codes import CODES
from relance import hookspecs
from server.cli import commands
from server.settings import KNOWN_KEYS
from tests.each import of_each
from tests.house.modules import ROOT, name_of

DOCS = ROOT / "docs"
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("relance_"))
COMMANDS = sorted(commands.COMMANDS)


def read(*names: str) -> str:
    return "\n".join((DOCS / name).read_text(encoding="utf-8") for name in names)


@cache
def texts_of_tests() -> list[str]:
    """The text of each module of tests but those that only keep accounts."""
    found = [p for p in (ROOT / "tests").rglob("*.py") if p.parent.name != "house"]
    return [p.read_text(encoding="utf-8") for p in found]


@of_each(COMMANDS)
def test_each_command_has_its_section(command: str) -> None:
    assert re.search(rf"^## `relance {command}\b", read("ligne-de-commande.md"), re.MULTILINE)


def test_no_section_speaks_of_a_command_that_is_not_there() -> None:
    commands = re.findall(r"^## `relance ([\w-]+)", read("ligne-de-commande.md"), re.MULTILINE)
    assert sorted(commands) == COMMANDS


@of_each(HOOKS)
def test_each_hook_is_documented(hook: str) -> None:
    assert hook in read("ecrire-une-extension.md")


@of_each(HOOKS)
def test_each_hook_is_tested(hook: str) -> None:
    assert any(hook in text for text in texts_of_tests())


@of_each(sorted(CODES))
def test_each_diagnostic_has_its_page_and_its_golden_file(code: str) -> None:
    page = (DOCS / "diagnostics" / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}")
    golden = ROOT / "tests" / "dsl" / "golden"
    assert (golden / f"{code}.relance").exists()
    assert code in (golden / f"{code}.expected").read_text(encoding="utf-8")


@of_each(KNOWN_KEYS)
def test_each_setting_is_documented(key: str) -> None:
    text = read("exploiter.md")
    section, _, name = key.rpartition(".")
    if section:
        inside = re.search(
            rf"^#+ .*`\[{section}\]`(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL
        )
        assert inside, f"[{section}]"
        text = inside.group(1)
    assert f"`{name}`" in text


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "LISEZMOI.md", *sorted(DOCS.rglob("*.md"))]


@of_each(pages(), name_of)
def test_the_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target
