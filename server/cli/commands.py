"""The commands of `relance`, each imported when it is asked for and no sooner.

`relance check` is run at each save of a script: it must not load a web server and a database.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from typer.main import get_command

from server.cli.french import FrenchCommand, FrenchGroup, new_app

#: Each command, in the order of the help, and the function that runs it.
COMMANDS: Mapping[str, str] = {
    "demo": "server.cli.demo:demo",
    "serve": "server.cli.serve:serve",
    "check": "server.cli.check:check_scripts",
    "fmt": "server.cli.fmt:fmt",
    "lsp": "server.cli.lsp:serve_editors",
    "test": "server.cli.scenarios:run",
    "publier": "server.cli.publishing:publish",
    "demandes": "server.cli.agreement:list_requests",
    "accorder": "server.cli.agreement:agree",
    "decliner": "server.cli.agreement:decline",
    "publications": "server.cli.publishing:list_publications",
    "comparer": "server.cli.comparing:compare_publications",
    "modeles": "server.cli.campaign_library:list_models",
    "nouveau": "server.cli.campaign_library:new",
    "cloner": "server.cli.campaign_library:clone",
    "copier-regles": "server.cli.copying_rules:copy_rules",
    "apercu": "server.cli.preview:preview",
    "phrases": "server.cli.phrases:list_phrases",
    "explain": "server.cli.explain:explain",
    "statut": "server.cli.campaigns:status",
    "activer": "server.cli.campaigns:activate",
    "pause": "server.cli.campaigns:pause",
    "reprendre": "server.cli.campaigns:resume",
    "archiver": "server.cli.campaigns:archive",
    "restaurer": "server.cli.campaigns:restore",
    "ranger": "server.cli.shelving:put_in_order",
    "supprimer-campagne": "server.cli.campaigns:delete",
    "historique": "server.cli.campaigns:history",
    "objectifs": "server.cli.goals:show_goals",
    "experiences": "server.cli.experiments:show_experiments",
    "groupes": "server.cli.groups:show_groups",
    "listes": "server.cli.lists:show_lists",
    "supprimer-liste": "server.cli.lists:remove_list",
    "importer": "server.cli.importing:import_file",
    "exporter": "server.cli.exporting:export_leads",
    "indicateurs": "server.cli.indicators:indicators",
    "rapport": "server.cli.performance:report",
    "comptes": "server.cli.counters:counters",
    "sante": "server.cli.health:health",
    "etat": "server.cli.operation:state",
    "incertains": "server.cli.uncertain:uncertain",
    "retenus": "server.cli.held:held_back",
    "limites": "server.cli.held:limited",
    "politique": "server.cli.policy:policy",
    "restaurer-base": "server.cli.recovery:restore_base",
    "migrer-base": "server.cli.migrating:migrate_base",
    "repartir": "server.cli.spreading:spread",
    "refus": "server.cli.leftovers:refused_values",
    "ecartees": "server.cli.suppressions:suppressed",
    "retablir": "server.cli.suppressions:restore",
    "declarations": "server.cli.declarations:declared",
    "accepter": "server.cli.declarations:accept",
    "refuser": "server.cli.declarations:refuse",
    "separer": "server.cli.declarations:separate",
    "dossier": "server.cli.rights:hand_out",
    "oublier": "server.cli.rights:forget",
    "liens": "server.cli.links:links",
    "absences": "server.cli.absences:absences",
    "utilisateur": "server.cli.team:team",
    "audit": "server.cli.team:audit_log",
    "appels": "server.cli.deliveries:calls",
}


def load(name: str) -> Any:
    """The command of that name, as Typer runs it."""
    module, _, function = COMMANDS[name].partition(":")
    alone = new_app()
    alone.command(name, cls=FrenchCommand)(getattr(import_module(module), function))
    return get_command(alone)


class Commands(FrenchGroup):
    """Loads a command when it is asked for: `relance check` need not import a web server."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None when there is none."""
        return load(cmd_name) if cmd_name in COMMANDS else None
