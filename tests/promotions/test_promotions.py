"""Products and promotions: from a workbook to messages and rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from dsl.project import check
from plugins.email.compose import personal
from plugins.email.template import parse
from plugins.kit.shelf import goods_of
from plugins.promotions import relance_check
from plugins.promotions.phrases import MOST_PRODUCTS, bought
from relance import Message, Promotion, goods
from relance.testing import FakeHost
from server.imports import goods as brought
from server.imports.opening import open_sheet
from server.imports.sheet import BadFile
from server.imports.upsert import UpsertTally
from server.publication.on_disk import on_disk
from tests.plugins.catalogue import built_in

MESSAGE = Message(
    key="1.1.1.2.1.99",
    template="m",
    lead_id=1,
    address="aline@example.com",
    fields={},
    campaign="A",
    attempt=1,
    at=datetime(2026, 12, 1, tzinfo=UTC),
)
PRODUCTS, PROMOTIONS = brought.PRODUCTS, brought.PROMOTIONS


def bring(project: Path, kind: brought.GoodsKind, *rows: list[object]) -> brought.ImportedGoods:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = project / "entrée.xlsx"
    book.save(path)
    sheet = open_sheet(path)
    try:
        found = brought.bring(project, kind, sheet, {})
    finally:
        sheet.close()
    brought.keep(project, kind, found)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    bring(
        tmp_path,
        PRODUCTS,
        ["Code produit", "Nom", "Prix", "Devise", "Lien"],
        ["CASQUE-1", "Casque", 1234.5, "CAD", "https://x.example/c"],
        ["GANT-2", "'=Gants", "49,99", "$", None],
    )
    bring(
        tmp_path,
        PROMOTIONS,
        ["Code", "Promotion", "Du", "Au", "Rabais", "Produits"],
        ["NOEL26", "Noël", date(2026, 12, 1), "24/12/2026", 0.2, "CASQUE-1, GANT-2"],
    )
    return tmp_path


def test_a_workbook_becomes_files_of_the_project_amounts_exact(project: Path) -> None:
    shelf = goods_of(on_disk(project))
    casque = shelf.products.value.records["casque-1"]
    assert casque.price == Decimal("1234.5")
    assert shelf.products.value.records["gant-2"].name == "=Gants"
    assert list(shelf.promotions.value.records.values()) == [
        Promotion(
            "NOEL26",
            "Noël",
            date(2026, 12, 1),
            date(2026, 12, 24),
            "20\u00a0%",
            ("CASQUE-1", "GANT-2"),
        )
    ]
    assert "'=Gants" in (project / goods.PRODUCTS).read_text(encoding="utf-8")


def test_brought_again_a_row_is_corrected_and_an_empty_cell_changes_nothing(project: Path) -> None:
    result = bring(
        project,
        PRODUCTS,
        ["sku", "nom", "prix"],
        ["casque-1", "Casque d’hiver", None],
        ["GANT-2", "'=Gants", "49,99"],
        ["NEUF", "Neuf", 1],
    )
    assert result.tally == UpsertTally(created=1, updated=1, unchanged=0 + 1)
    assert goods_of(on_disk(project)).products.value.records["casque-1"].price == Decimal("1234.5")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("prix", "-1"),
        ("prix", "NaN"),
        ("prix", "1,00001"),
        ("devise", "XX"),
        ("lien", "javascript:alert(1)"),
        ("lien", "http://[mal"),
        ("nom", "x" * 500),
    ],
)
def test_a_bad_cell_costs_its_row_and_nothing_else(tmp_path: Path, column: str, cell: str) -> None:
    result = bring(tmp_path, PRODUCTS, ["sku", column], ["A", cell], ["B", None])
    assert (result.tally.created, result.tally.rejected) == (1, 1)
    assert column.replace("lien", "adresse") in result.rejects[0].reason


def test_a_promotion_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    result = bring(tmp_path, PROMOTIONS, ["Nom", "Du", "Au"], ["Été", "2026-07-01", "2026-06-01"])
    assert result.tally == UpsertTally(rejected=1)


def test_a_file_edited_by_hand_and_broken_is_told_and_never_written_over(project: Path) -> None:
    (project / goods.PRODUCTS).write_text("n’importe quoi", encoding="utf-8")
    assert [fault.file for fault in relance_check(on_disk(project))] == [goods.PRODUCTS]
    with pytest.raises(BadFile, match="Corrigez-le"):
        bring(project, PRODUCTS, ["sku"], ["A"])


def test_a_message_says_what_a_product_is_and_nothing_of_one_nobody_sells(project: Path) -> None:
    source = (
        '---\nobjet: -{{ promotions["noël26"].rabais }}\nexpéditeur: A <a@example.com>\n---\n\n'
        '{{ produits["casque-1"].prix | montant }} {{ produits["RIEN"].nom }} '
        '{{ promotions["NOEL26"].fin | date }}\n'
    )
    template = parse(source, "m", "m.md").template
    assert template is not None
    shelf = goods_of(on_disk(project))
    known = {"produits": shelf.product_values_by_code, "promotions": shelf.promotion_values_by_code}
    words = personal(template, MESSAGE, known)
    assert words.subject == "-20\u00a0%"
    text = template.text.render(**words.variables)
    assert "1\u202f234,50\u00a0$" in text
    assert "24\u00a0décembre 2026" in text


def test_a_message_that_names_what_nobody_sells_is_told_before_it_is_sent(project: Path) -> None:
    (project / "courriels").mkdir()
    (project / "courriels" / "m.md").write_text(
        "---\nobjet: x\n---\n\n{{ produits[\"CASQE-1\"].nom }} {{ promotions['NOEL26'].nom }}\n",
        encoding="utf-8",
    )
    (fault,) = relance_check(on_disk(project))
    assert (fault.line, fault.file) == (5, "courriels/m.md")
    assert "CASQUE-1" in fault.message


def test_a_rule_that_names_no_promotion_is_told_with_the_nearest(project: Path) -> None:
    script = (
        "campagne «\u00a0A\u00a0»\n  entrée\n    quand Formulaire (X) rempli\n\n"
        "  si Promotion (Noell) en cours\n    Étiqueter (P)\n  fin\nfin\n"
    )
    references = built_in().references(on_disk(project), FakeHost())
    (diagnostic,) = check({"a.relance": script}, built_in().catalogue, references).diagnostics[
        "a.relance"
    ]
    assert diagnostic.code == "R301"
    assert "Noël" in diagnostic.message
    right = script.replace("Noell", "noel")
    assert check({"a.relance": right}, built_in().catalogue, references).ok


def test_a_promotion_of_too_many_products_is_told_by_categories() -> None:
    many = tuple(f"S{n}" for n in range(MOST_PRODUCTS + 1))
    with pytest.raises(ValueError, match="catégories"):
        bought(Promotion("X", products=many))
    with pytest.raises(ValueError, match="ni produit ni catégorie"):
        bought(Promotion("X"))


def test_the_same_files_are_read_once_and_others_again(project: Path) -> None:
    first = goods_of(on_disk(project)).products
    assert goods_of(on_disk(project)).products.value is first.value
    path = project / goods.PRODUCTS
    path.write_text(path.read_text(encoding="utf-8") + "C;Cadre;;;;;;\r\n", encoding="utf-8")
    assert len(goods_of(on_disk(project)).products.value.records) == 3
    path.unlink()
    assert not goods_of(on_disk(project)).products.value.records
