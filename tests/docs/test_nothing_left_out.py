"""What the server answers, the command takes and the documents offer is told where it is looked for."""

import re
from pathlib import Path

import pytest

from relance.testing import FakeHost
from server.cli.commands import COMMANDS, load
from server.http.app import PATHS
from server.plugins import load_plugins
from tests.docs.test_documents import PAGES, ROOT
from tests.pages import CLOSED, OPEN

DOCS = ROOT / "docs"


def addresses() -> list[str]:
    """Every path, up to what each caller has of its own."""
    routes = [route.path for _, route in load_plugins().routes(FakeHost())]
    return sorted({re.split(r"[{]", path)[0] for path in (*PATHS, *OPEN, *CLOSED, *routes)})


#: What the team alone asks for, or asks for from the machine itself.
OWN = {
    "/sante",
    "/metrics",
    *(path for path in OPEN if path.startswith("/connexion")),
    "/ouvrir/",
    "/statique/",
    *(re.split(r"[{]", path)[0] for path in CLOSED),
}


def said(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", addresses())
def test_every_public_address_is_in_the_page_of_addresses(path: str) -> None:
    table = said("http.md").split("## Toutes les adresses")[1].split("\n## ")[0]
    listed = re.findall(r"`(?:[A-Z]+ )?(/[^`…{]*)(…?)", table)
    assert any(path == one or (all_below and path.startswith(one)) or one == path.rstrip("/") for one, all_below in listed), path  # fmt: skip


@pytest.mark.parametrize("path", [path for path in addresses() if path not in OWN])
def test_whoever_opens_only_what_is_said_closes_nothing_that_is_needed(path: str) -> None:
    location = re.search(r"^ *location ~ (\^/\(.*\)) \{$", said("exploiter.md"), re.MULTILINE)
    assert location is not None
    assert re.match(location.group(1), path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_section_of_its_command(command: str) -> None:
    section = said("ligne-de-commande.md").split(f"## `relance {command}")[1].split("\n## ")[0]
    for parameter in load(command).params:
        for name in parameter.opts:
            if name.startswith("--") and name != "--help":
                assert name in section


@pytest.mark.parametrize("readme", ["README.md", "LISEZMOI.md"])
def test_the_readme_leads_to_every_page(readme: str) -> None:
    linked = set(re.findall(r"\(docs/([^)#]+)", (ROOT / readme).read_text(encoding="utf-8")))
    assert linked >= {page.name for page in DOCS.glob("*.md")}


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_part_of_a_page_finds_it(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", text):
        assert anchor in anchors(page.parent / target if target else page), (target, anchor)


def test_every_room_is_in_the_drawing_of_the_folders() -> None:
    tree = said("architecture.md").split("```text\n")[1].split("```")[0]
    server = ROOT / "server"
    rooms = [*server.iterdir(), *(server / "engine").iterdir()]
    assert [one.name for one in rooms if (one / "__init__.py").exists() and f"{one.name}/" not in tree] == []  # fmt: skip
