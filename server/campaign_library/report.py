"""The models as a report, family by family."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from relance.french import quoted
from relance.report import CellType, Column, Columns, Layout, Report, report
from server.campaign_library.copying import Copy
from server.campaign_library.models import Model
from server.campaign_library.rules import Rule

_COLUMNS: Columns[tuple[Model, ...]] = {
    Column("Famille", "famille"): lambda one: one[0].family,
    Column("Modèle", "modele", CellType.ADDRESS): lambda one: one[0].name,
    Column("Par", "canaux", CellType.ADDRESS): lambda one: ", ".join(each.channel for each in one),
    Column("Ce qu’il fait", "description"): lambda one: one[0].description,
}


def models_report(found: Iterable[Model]) -> Report:
    """A row a model, with the channels it is written for."""
    rows = [tuple(same) for _, same in groupby(found, key=lambda one: one.name)]
    return report(
        "La bibliothèque",
        _COLUMNS,
        rows,
        notes=("«\u00a0relance nouveau NOM --depuis MODÈLE\u00a0» en fait une campagne à vous.",),
    )


def clone_report(copy: Copy, model: Model, *, written: bool) -> Report:
    """What a clone wrote, or would have."""
    columns: Columns[Copy] = {
        Column("Campagne", "campagne"): lambda one: one.campaign,
        Column("Copie de", "copie_de"): lambda one: model.campaign,
        Column("Script", "script"): lambda one: one.script,
        Column("Fichiers", "fichiers", CellType.LINES): lambda one: list(one.files),
        Column("Renommés", "renommes", CellType.NAMED): lambda one: _renamed(one),
        Column("Écrit", "ecrit", CellType.FLAG): lambda one: written,
    }
    return report("La copie", columns, [copy], layout=Layout.RECORD)


def _renamed(copy: Copy) -> dict[str, str]:
    """What is not called as in the original, beside the campaign."""
    return {old: new for old, new in copy.renamed.items() if old != new}


def copy_report(copy: Copy, model: Model, *, written: bool) -> Report:
    """What a copy wrote, or would have."""
    columns: Columns[Copy] = {
        Column("Modèle", "modele"): lambda one: model.name,
        Column("Par", "canal"): lambda one: model.channel,
        Column("Campagne", "campagne"): lambda one: one.campaign,
        Column("Script", "script"): lambda one: one.script,
        Column("Fichiers", "fichiers", CellType.LINES): lambda one: list(one.files),
        Column("Renommés", "renommes", CellType.NAMED): lambda one: _renamed(one),
        Column("Écrit", "ecrit", CellType.FLAG): lambda one: written,
    }
    return report("La copie", columns, [copy], layout=Layout.RECORD)


def rules_report(campaign: str, rules: Sequence[Rule]) -> Report:
    """Those of a campaign that another may take, each with its number."""
    columns: Columns[Rule] = {
        Column("N°", "numero", CellType.NUMBER): lambda one: one.number,
        Column("Sorte", "sorte"): lambda one: one.kind.value,
        Column("Règle", "regle"): lambda one: one.said,
    }
    title = f"Les règles de {quoted(campaign)}"
    note = "«\u00a0--regle NUMÉRO\u00a0» en copie une dans une autre campagne."
    return report(title, columns, rules, notes=(note,))


def carried_report(
    campaign: str,
    target: str,
    rules: Sequence[Rule],
    scripts: Sequence[str],
    missing: Sequence[str],
    written: bool,
) -> Report:
    """What another campaign took, or would have; `missing`: why it cannot."""
    columns: Columns[str] = {
        Column("De", "de"): lambda one: campaign,
        Column("Vers", "vers"): lambda one: one,
        Column("Règles", "regles", CellType.LINES): lambda one: [each.said for each in rules],
        Column("Scripts", "scripts", CellType.LINES): lambda one: list(scripts),
        Column("Manque", "manque", CellType.LINES): lambda one: list(missing),
        Column("Écrit", "ecrit", CellType.FLAG): lambda one: written,
    }
    return report("Les règles copiées", columns, [target], layout=Layout.RECORD)
