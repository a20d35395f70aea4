"""The page about imports tells the truth: its sample gives what it says."""

import re
from pathlib import Path

from server.imports.opening import open_sheet
from server.imports.order import ImportOrder
from server.imports.people import People
from server.store.fields import FieldCatalogue

PAGE = Path(__file__).parents[2] / "docs" / "importer.md"


def test_the_sample_of_the_page_gives_what_the_page_says(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    sample = re.search(r"```csv\n(.*?)```", text, re.DOTALL)
    assert sample
    path = tmp_path / "leads.csv"
    path.write_text(sample[1], encoding="utf-8")
    sheet = open_sheet(path)
    people = People(sheet.heading.names, FieldCatalogue(), ImportOrder(), "CA")
    taken, refused = people.read(list(sheet.rows()))
    sheet.close()
    assert not people.matched.unknown
    sentence = f"{len(taken)} leads créés, {len(refused)} lignes refusées"
    assert sentence in text.replace("\u00a0", " ")


def test_every_option_of_the_commands_is_told() -> None:
    from server.cli.commands import load

    text = PAGE.with_name("ligne-de-commande.md").read_text(encoding="utf-8")
    for name in ("importer", "exporter"):
        for parameter in load(name).params:
            if parameter.param_type_name == "option" and parameter.name != "dossier":
                assert parameter.opts[0] in text, (name, parameter.opts)
