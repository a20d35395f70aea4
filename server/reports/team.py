"""The accounts of the team, as a report."""

from collections.abc import Iterable

from relance.report import CellType, Column, Columns, Report, report
from server.access.accounts import Account
from server.access.roles import words
from server.store.instants import from_micros

_COLUMNS: Columns[Account] = {
    Column("Nom", "nom"): lambda one: one.name,
    Column("Courriel", "courriel"): lambda one: one.email,
    Column("Rôles", "roles"): lambda one: words(one.roles),
    Column("État", "etat"): lambda one: state(one),
    Column("Créé le", "cree", CellType.INSTANT): lambda one: from_micros(one.created_at),
}


def state(account: Account) -> str:
    """In a few words."""
    if account.disabled_at is not None:
        return "fermé"
    if account.password is None:
        return "invitation pas encore ouverte"
    if not account.has_password:
        return "ouvert, par le fournisseur d’identité"
    return "ouvert, deux facteurs" if account.two_factors else "ouvert"


def team_report(people: Iterable[Account]) -> Report:
    """Who may use the server, and how they stand."""
    empty = "Personne n’a encore de compte\u00a0: «\u00a0relance utilisateur inviter\u00a0» crée le premier."
    return report("Utilisateurs", _COLUMNS, people, empty=empty)
