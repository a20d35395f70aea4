"""The models: listed by family, and made a project's own, beside what is there and never over it."""

import json
from pathlib import Path

import pytest

from server.campaign_library.cloning import original
from server.campaign_library.copying import NotCopied, copied, free_name, write
from server.campaign_library.models import Model, models
from server.campaign_library.page import page
from server.campaign_library.place import library
from server.campaign_library.shelf import ModelShelf
from server.cli.main import main
from server.cli.workspace import open_workspace
from server.plugins import load_plugins

ROOT = Path(__file__).parents[2]
CATALOGUE = load_plugins().catalogue
MODELS = models(library(), CATALOGUE)


def model(name: str, channel: str = "courriel") -> Model:
    return next(one for one in MODELS if (one.name, one.channel) == (name, channel))


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(str(ended.value.code))


def texts(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace") for path in found
    }


def test_the_page_of_the_library_is_the_one_its_models_give() -> None:
    assert (ROOT / "docs" / "bibliotheque.md").read_text(encoding="utf-8") == page(MODELS)


def test_every_model_copied_makes_a_project_in_which_nothing_is_wrong(tmp_path: Path) -> None:
    for name in ("relance.toml", "equipe.toml"):
        (tmp_path / name).write_bytes((library() / name).read_bytes())
    for one in MODELS:
        write(copied(one, f"{one.campaign} à vous", tmp_path / "vide", CATALOGUE), tmp_path)
    for name in ("prospects", "clients-inactifs"):
        copy = copied(model(name), f"{name} de plus", tmp_path, CATALOGUE)
        assert copy.shared == (("Vélo",) if name == "prospects" else ())
        write(copy, tmp_path)
    workspace = open_workspace([tmp_path])
    assert not [one for several in workspace.checked.diagnostics.values() for one in several]
    assert not workspace.faults
    assert len(workspace.checked.programs) == len(MODELS) + 2


@pytest.mark.parametrize("channel", ["courriel", "sms"])
def test_a_copy_alone_plays_its_scenarios(
    channel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copied(model("avis-favorable", channel), "À vous", tmp_path, CATALOGUE)
    write(copy, tmp_path)
    (tmp_path / "relance.toml").write_bytes((library() / "relance.toml").read_bytes())
    assert run("test", str(tmp_path)) == 0
    assert "scénarios passent" in capsys.readouterr().out


async def test_a_name_that_is_taken_is_offered_with_the_next_number(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path, CATALOGUE, ("https://www.lapetiteroue.example", "http://ici"))
    assert await shelf.free_name("Bienvenue") == "Bienvenue"
    await shelf.copy(lambda: model("bienvenue"), "Bienvenue")
    assert await shelf.free_name("Bienvenue") == "Bienvenue 2"
    (tmp_path / "bienvenue-2.relance").write_text("", encoding="utf-8")
    assert free_name("Bienvenue", tmp_path, CATALOGUE) == "Bienvenue 3"
    assert "](http://ici/guide)" in (tmp_path / "courriels" / "bienvenue.md").read_text("utf-8")


def test_a_copy_has_the_name_given_and_its_messages_beside_it(tmp_path: Path) -> None:
    assert run("nouveau", "Bonne fête", "--depuis", "anniversaire", "--dossier", str(tmp_path)) == 0
    made = texts(tmp_path)
    assert set(made) == {
        "bonne-fete.relance",
        "courriels/bon-anniversaire.md",
        "courriels/cadeau-en-attente.md",
        "images/anniversaire.png",
    }
    assert "campagne «\u00a0Bonne fête\u00a0»" in made["bonne-fete.relance"]
    assert "Anniversaire\u00a0»" not in made["bonne-fete.relance"]


def test_a_second_copy_leaves_the_first_as_it_is_and_takes_other_names(tmp_path: Path) -> None:
    write(copied(model("anniversaire"), "Une", tmp_path, CATALOGUE), tmp_path)
    before = texts(tmp_path)
    second = copied(model("anniversaire"), "Deux", tmp_path, CATALOGUE)
    write(second, tmp_path)
    assert texts(tmp_path).items() >= before.items()
    assert second.renamed["Bon anniversaire"] == "Bon anniversaire, Deux"
    assert (
        "nom: Bon anniversaire, Deux\n"
        in second.files["courriels/bon-anniversaire-deux.md"].decode()
    )
    assert "Envoyer courriel (Bon anniversaire, Deux)" in second.files["deux.relance"].decode()


def test_messages_of_a_copy_are_called_as_what_they_are_of(tmp_path: Path) -> None:
    write(copied(model("bienvenue"), "Bienvenue", tmp_path, CATALOGUE), tmp_path)
    write(copied(model("bienvenue"), "Bienvenue 2", tmp_path, CATALOGUE), tmp_path)
    third = copied(model("bienvenue"), "Accueil d’été", tmp_path, CATALOGUE)
    write(third, tmp_path)
    assert "courriels/accueil-d-ete.md" in third.files
    script = texts(tmp_path)["bienvenue-2.relance"]
    assert "Envoyer courriel (Bienvenue 2)" in script
    assert "Bienvenue 2, " not in script
    write(copied(model("anniversaire"), "Anniversaire", tmp_path, CATALOGUE), tmp_path)
    second = copied(model("anniversaire"), "Anniversaire 2", tmp_path, CATALOGUE)
    assert second.renamed["Bon anniversaire"] == "Bon anniversaire 2"
    workspace = open_workspace([tmp_path])
    assert not [one for several in workspace.checked.diagnostics.values() for one in several]


def test_no_message_of_a_copy_takes_the_name_nor_the_file_of_another_of_it(tmp_path: Path) -> None:
    sent = ("Relance J+3", "Relance J-3", "Salon", "Salon 2")
    lines = "".join(f"  Envoyer courriel ({one})\n" for one in sent)
    form = "campagne « Salon »\n  entrée\n    quand Formulaire (Contact) rempli\n  étape « Un »\n"
    (tmp_path / "courriels").mkdir()
    (tmp_path / "salon.relance").write_text(f"{form}{lines}fin\n", encoding="utf-8")
    for at, one in enumerate(sent):
        head = f"---\nnom: {one}\nobjet: {one}\n---\nBonjour.\n"
        (tmp_path / "courriels" / f"{at}.md").write_text(head, encoding="utf-8")
    salon = original(tmp_path, "Salon", CATALOGUE, with_scenarios=False, with_messages=True)
    (
        tmp_path / "courriels" / "3.md"
    ).unlink()  # the name of « Salon 2 » is free, but for the copy's own
    second = copied(salon, "Salon 2", tmp_path, CATALOGUE)
    assert len(second.files) == len(sent) + 1
    said = [text.decode() for file, text in second.files.items() if file.endswith(".md")]
    assert len({one.splitlines()[1] for one in said}) == len(sent)
    assert "Salon 2" not in second.renamed.values()
    assert second.files["courriels/relance-j-3-2-2.md"]


def test_an_image_of_the_project_stays_its_own(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "anniversaire.png").write_bytes(b"la mienne")
    write(copied(model("anniversaire"), "Une", tmp_path, CATALOGUE), tmp_path)
    assert (tmp_path / "images" / "anniversaire.png").read_bytes() == b"la mienne"


@pytest.mark.parametrize("name", ["Une", "une", "« Une »", "(Une", ""])
def test_a_name_that_is_taken_or_is_none_is_refused_and_nothing_written(
    name: str, tmp_path: Path
) -> None:
    write(copied(model("fetes"), "Une", tmp_path, CATALOGUE), tmp_path)
    before = texts(tmp_path)
    with pytest.raises(NotCopied):
        copied(model("soldes"), name, tmp_path, CATALOGUE)
    assert texts(tmp_path) == before


def test_what_came_to_be_there_meanwhile_is_not_overwritten_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    copy = copied(model("soldes"), "Été", tmp_path, CATALOGUE)
    (tmp_path / copy.script).write_text("# à moi\n", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write(copy, tmp_path)
    assert texts(tmp_path) == {copy.script: "# à moi\n"}


def test_a_trial_says_what_would_be_written_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("Été", "--depuis", "soldes", "--par", "SMS", "--dossier", str(tmp_path / "projet"))
    assert run("nouveau", *asked, "--essai", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["fichiers"] == ["sms/soldes.txt", "ete.relance"]
    assert said["ecrit"] is False
    assert not (tmp_path / "projet").exists()


def test_a_model_that_is_not_there_is_told_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("nouveau", "Été", "--depuis", "solde", "--dossier", str(tmp_path)) == 2
    assert "Vouliez-vous dire «\u00a0soldes\u00a0»\u00a0?" in capsys.readouterr().err
    there = ("--dossier", str(tmp_path))
    assert run("nouveau", "Été", "--depuis", "soldes", "--par", "fax", *there) == 2
    assert "«\u00a0--par courriel\u00a0» ou «\u00a0--par sms\u00a0»" in capsys.readouterr().err
    assert not texts(tmp_path)


def test_the_models_are_listed_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("modeles", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"famille": "anniversaire", "modele": "anniversaire"}.items() <= next(
        one.items() for one in rows if one["modele"] == "anniversaire"
    )
