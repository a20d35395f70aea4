"""A project edited in a folder or kept in the store: what is published of either is the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from relance.project_files import ProjectFiles
from server.publication.archived import Archived
from server.publication.on_disk import Folder
from server.publication.source import Source
from server.runtime import Runtime
from server.settings import Settings
from tests.email.conftest import TARIFS
from tests.email.sink import Sink
from tests.whole import eventually, lay_out, running, saving

SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Essai) rempli
  Assigner à (Zoé Roy), envoyer alerte de type (Chaud)
  Envoyer courriel (Tarifs)
  Envoyer courriel « Sur place »
    Bonjour {{ prénom }}, voici {{ produits["A"].nom }}.
  fin
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
ALERT = "Alerte «\u00a0Chaud\u00a0» : Aline"
FILES = {
    "accueil.relance": SCRIPT,
    "courriels/tarifs.md": TARIFS,
    "equipe.toml": '[[personne]]\nnom = "Zoé Roy"\ncourriel = "zoe@exemple.ca"\n',
    "catalogue/produits.csv": (
        "sku;nom;catégorie;prix;devise;adresse;image;description\nA;Vélo;;20;;;;\n"
    ),
}


def settings_of(folder: Path, sink: Sink) -> Settings:
    return saving(folder, sink.environment | {"RELANCE_EMAIL_EXPEDITEUR": "a@exemple.ca"})


@pytest.fixture
async def published(tmp_path: Path, sink: Sink) -> AsyncIterator[Runtime]:
    """A server whose project was edited in a folder."""
    folder = lay_out(tmp_path / "dossier", FILES)
    runtime = Runtime(settings_of(folder, sink))
    await runtime.open()
    yield runtime
    await runtime.close()


async def all_leave(server: Runtime) -> None:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        form = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
        assert (await visitor.post("/webhooks/forms/Essai", data=form)).status_code < 300
    await eventually(server, "SELECT count(*) FROM outbox WHERE state = 'sent'", [(3,)])


def source_of(kind: str, published: Runtime) -> Source:
    return (
        Folder(published.settings.folder) if kind == "dossier" else Archived(published.store.read)
    )


@pytest.mark.parametrize("kind", ["dossier", "base"])
async def test_the_same_project_runs_from_a_folder_and_from_the_store(
    published: Runtime, tmp_path: Path, sink: Sink, kind: str
) -> None:
    (tmp_path / "vide").mkdir()
    settings = settings_of(tmp_path / "vide", sink)
    source = source_of(kind, published)
    async with running(Runtime(settings, source=source)) as server:
        assert server.host.files.digest == published.host.files.digest
        await all_leave(server)
    mails = {str(mail["Subject"]): mail for mail in sink.messages}
    assert sorted(mails) == [ALERT, "Nos tarifs, Aline", "Sur place"]
    assert mails[ALERT]["To"] == "zoe@exemple.ca"
    text = mails["Sur place"].get_payload(0).get_payload(decode=True).decode()
    assert "voici Vélo." in text


async def test_messages_leave_though_the_folder_is_gone(tmp_path: Path, sink: Sink) -> None:
    folder = lay_out(tmp_path / "dossier", FILES)
    async with running(Runtime(settings_of(folder, sink))) as server:
        for name in FILES:
            (folder / name).unlink()
        await all_leave(server)
    assert len(sink.messages) == 3


@pytest.mark.parametrize("kind", ["dossier", "base"])
async def test_a_draft_holds_what_the_team_wrote_and_its_stamp_tells_a_change(
    published: Runtime, kind: str
) -> None:
    source = source_of(kind, published)
    before = await source.stamp()
    assert (await source.read()).digest == ProjectFiles.of(FILES).digest
    assert await source.stamp() == before
    mail = published.settings.folder / "courriels" / "tarifs.md"
    mail.write_text(TARIFS.replace("Nos tarifs", "Nos prix"), encoding="utf-8")
    published.rules.reload()
    await published.rules.refresh()
    assert await source.stamp() != before


async def test_a_publication_is_read_by_its_number(published: Runtime) -> None:
    first = Archived(published.store.read, 1)
    assert (await first.read()).digest == ProjectFiles.of(FILES).digest
    with pytest.raises(LookupError):
        await Archived(published.store.read, 2).read()
