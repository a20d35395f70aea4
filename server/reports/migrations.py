"""How far a base is from this release, as reports."""

from relance.french import quoted
from relance.report import CellType, Column, Columns, Layout, Report, ReportSet, report
from server.reports import french
from server.store.migrate import half_done
from server.store.migration_state import MigrationState, PendingMigration
from server.store.versions import head

_EXPANDS = {
    True: "ajoute seulement : la version d’avant peut encore lire et écrire",
    False: "transforme : la version d’avant ne doit plus tourner",
    None: "ne le dit pas : à faire serveurs arrêtés",
}
_LEFT = {
    "rekeying": "les noms gardés ne sont pas tous relus",
    "identities": "ce qui était publié n’est pas encore repris sous ses nouvelles clés",
}

_BASE: Columns[MigrationState] = {
    Column("Base", "version"): lambda one: one.version or "aucune table",
    Column("Cette version de Relance", "attendue"): lambda one: head(),
    Column("À jour", "a_jour", CellType.FLAG): lambda one: one.done,
    Column("", "elargit", CellType.FLAG): lambda one: one.expands,
}
_PENDING: Columns[PendingMigration] = {
    Column("Migration", "numero"): lambda one: one.number,
    Column("Ce qu’elle fait des tables"): lambda one: _EXPANDS[one.expands],
    Column("", "elargit", CellType.FLAG): lambda one: one.expands,
}
_LACKING: Columns[tuple[str, str]] = {
    Column("Ce qui manque", "quoi"): lambda one: one[0],
    Column("Pourquoi", "pourquoi"): lambda one: one[1],
}


def migrations_report(found: MigrationState) -> ReportSet:
    """Where the base is, what is left to be done, what was left half done."""
    lacking = [(one, "la migration ne l’a pas fait, ou il a été ôté") for one in found.lacking]
    lacking += [(_LEFT[one], "le prochain démarrage le finit") for one in found.unfinished]
    parts = {
        "base": report("La base", _BASE, [found], notes=[_verdict(found)], layout=Layout.RECORD),
        "migrations": report(
            "Migrations qui restent",
            _PENDING,
            found.pending if found.version is not None else (),
            empty="Aucune migration ne reste."
            if found.version is not None
            else "Toutes, à la création.",
        ),
        "manques": _half_done(lacking),
    }
    return ReportSet("Migration de la base", parts)


def _half_done(lacking: list[tuple[str, str]]) -> Report:
    return report("Fait à moitié", _LACKING, lacking, empty="Rien n’est fait à moitié.")


def _verdict(found: MigrationState) -> str:
    if not found.known:
        return (
            f"Cette base est d’une version plus récente de Relance ({found.version}) : mettez celle-là "
            "ici aussi, ou revenez à la sauvegarde d’avant la mise à jour."
        )
    if found.lacking:
        return half_done(found.lacking)
    if found.version is None:
        return (
            "Cette base est vide : ses tables sont créées au premier démarrage, ou par "
            f"{quoted('relance migrer-base')}."
        )
    if found.pending:
        left = french.count(len(found.pending), "migration reste", "migrations restent")
        way = (
            "elles ne font qu’ajouter"
            if found.expands
            else "arrêtez d’abord tous les processus de cette base"
        )
        return (
            f"{left} à faire : {way}. Sauvegardez, puis {quoted('relance migrer-base')}, ou démarrez le "
            "serveur, qui les fait de lui-même."
        )
    if found.unfinished:
        return "Les tables sont à jour ; un premier démarrage reste à faire, ou à finir."
    return "La base est à jour."
