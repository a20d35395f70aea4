"""`apercu`: a message as a lead would read it, tried on a draft, sent to oneself, its links followed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from relance.host import Identities, Incoming
from relance.proof import Proof
from server.clock import SystemClock
from server.intake.intake import Intake
from server.store.store import Store
from tests.cli.conftest import Said
from tests.email.sink import Sink

Command = Callable[..., Said]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
NAMED = """\
---
nom: Tarifs
objet: Nos tarifs{% if prénom %}, {{ prénom }}{% endif %}
expéditeur: La Petite Roue <bonjour@lapetiteroue.example>
---
![Un vélo](images/velo.png)

[Voir les tarifs](SITE/tarifs)

[Une page partie](SITE/partie)
"""


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    started = await Sink().start()
    yield started
    await started.stop()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site of one page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if b" /tarifs " in asked else b"404 Not Found"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def write(project: Path, mail: str) -> None:
    (project / "courriels" / "tarifs.md").write_text(mail, encoding="utf-8")


def test_a_message_is_read_as_somebody_made_up_would(project: Path, relance: Command) -> None:
    write(project, NAMED.replace("SITE", "https://www.exemple.ca"))
    said = relance("apercu", "tarifs", "--dossier", project)
    assert said.code == 0, said.err
    assert "Objet : Nos tarifs, Camille" in said.out
    assert "Voir les tarifs : https://www.exemple.ca/tarifs" in said.out


def test_a_page_holds_the_images_that_nobody_has_published(
    project: Path, relance: Command, tmp_path: Path
) -> None:
    (project / "images").mkdir()
    (project / "images" / "velo.png").write_bytes(PNG)
    write(project, NAMED)
    page = tmp_path / "page.html"
    assert relance("apercu", "Tarifs", "--page", page, "--dossier", project).code == 0
    assert 'src="data:image/png;base64,' in page.read_text()


async def test_a_lead_of_the_base_reads_its_own_name(project: Path, relance: Command) -> None:
    (project / ".relance").mkdir()
    store = await Store.open(f"sqlite:///{project / '.relance' / 'relance.db'}", SystemClock())
    intake = Intake(store, SystemClock(), "CA")
    who = Identities(email="aline@exemple.ca")
    fields = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
    await intake.record([Incoming("essai", who, fields, proof=Proof.TEAM)])
    await store.close()
    write(project, NAMED)
    asked = ("apercu", "Tarifs", "--dossier", project, "--lead")
    assert "Nos tarifs, Aline" in (await asyncio.to_thread(relance, *asked, "aline@exemple.ca")).out
    nobody = await asyncio.to_thread(relance, *asked, "zoe@exemple.ca")
    assert nobody.code == 2
    assert "Aucun lead ne répond" in nobody.err


async def test_what_is_sent_to_look_at_says_so_and_lets_nobody_leave(
    project: Path, relance: Command, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sink.environment.items():
        monkeypatch.setenv(name, value)
    write(project, NAMED)
    asked = ("apercu", "Tarifs", "--envoyer", "maude@exemple.ca", "--dossier", project)
    said = await asyncio.to_thread(relance, *asked)
    assert said.code == 0, said.err
    (mail,) = sink.messages
    assert mail["To"] == "maude@exemple.ca"
    assert mail["Subject"] == "[Essai] Nos tarifs, Camille"
    assert mail["List-Unsubscribe"] is None
    assert b"/c/" not in sink.raw[0]


async def test_links_that_lead_nowhere_are_told(
    project: Path, relance: Command, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = project / "relance.toml"
    settings.write_text(settings.read_text() + '[reseau]\nhotes_permis = ["127.0.0.1"]\n')
    write(project, NAMED.replace("SITE", site))
    said = await asyncio.to_thread(relance, "apercu", "Tarifs", "--liens", "--dossier", project)
    assert said.code == 1, said.out
    assert f"✓ Voir les tarifs, {site}/tarifs" in said.out
    assert f"✗ Une page partie, {site}/partie : n’existe pas (404)" in said.out


async def test_what_is_sent_to_look_at_has_its_links_tried_and_its_page_written_too(
    project: Path, relance: Command, sink: Sink, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sink.environment.items():
        monkeypatch.setenv(name, value)
    settings = project / "relance.toml"
    settings.write_text(settings.read_text() + '[reseau]\nhotes_permis = ["127.0.0.1"]\n')
    write(project, NAMED.replace("SITE", site))
    page = project / "page.html"
    asked = ("--envoyer", "maude@exemple.ca", "--liens", "--page", page, "--dossier", project)
    said = await asyncio.to_thread(relance, "apercu", "Tarifs", *asked)
    assert said.code == 1
    assert "n’existe pas (404)" in said.out
    assert page.exists()
    assert len(sink.messages) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("Tarif",), 2, "Vouliez-vous dire « Tarifs » ?"),
        (("Zut",), 2, "Aucun message ne s’appelle « Zut »."),
        (("Tarifs", "--canal", "SMS"), 2, "Aucun message"),
        (("Tarifs", "--lead", "aline@exemple.ca"), 2, "Il n’y a pas encore de base"),
        (("Tarifs", "--page", "/nulle/part/a.html"), 2, "ne peut pas être écrite"),
        (("Tarifs", "--envoyer", "maude"), 1, "l’adresse n’est pas valide"),
    ],
)
def test_what_cannot_be_shown_is_said(
    project: Path, relance: Command, arguments: tuple[str, ...], code: int, message: str
) -> None:
    said = relance("apercu", *arguments, "--dossier", project)
    assert said.code == code
    assert message in said.err.replace("\u00a0", " ")


def test_a_message_of_two_channels_asks_which(project: Path, relance: Command) -> None:
    (project / "sms").mkdir()
    (project / "sms" / "tarifs.txt").write_text("Bonjour {{ prénom }}", encoding="utf-8")
    account = '[sms]\ncompte = "AC' + "0" * 32 + '"\njeton = "x"\nexpediteur = "+15145550100"\n'
    settings = project / "relance.toml"
    settings.write_text(settings.read_text() + account)
    asked = ("apercu", "tarifs", "--dossier", project)
    assert "ajoutez --canal courriel ou --canal SMS" in relance(*asked).err
    assert "Bonjour Camille" in relance(*asked, "--canal", "sms").out
