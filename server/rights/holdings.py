"""What each table holds of a person, and what becomes of it when she is forgotten.

A test holds that no table is left out, whoever adds one: it stands here, or in `IMPERSONAL` with the
reason why nothing of a person is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeldTable:
    """The rows of a table that are about a lead.

    `leads`: the columns that hold its number, any of them. `blanked`: what is emptied of rows that are
    kept to be counted; None: the rows themselves go.
    """

    table: str
    title: str  # what they are, to people
    blanked: tuple[str, ...] | None = None
    leads: tuple[str, ...] = ("lead_id",)


#: In an order of no matter: all of it is done in one transaction.
HOLDINGS = (
    HeldTable("identities", "Ce qui la fait reconnaître"),
    HeldTable("field_proofs", "Preuves de ses champs"),
    HeldTable("list_members", "Listes"),
    HeldTable("lead_tags", "Étiquettes"),
    HeldTable("interests", "Intérêts"),
    HeldTable("points", "Points"),
    HeldTable("leftovers", "Reçu, et resté sans place"),
    HeldTable("declarations", "Dit d’elle sans preuve"),
    HeldTable("pledges", "Navigateurs à prouver"),
    HeldTable("challenges", "Codes envoyés"),
    HeldTable("attached", "Navigateurs qui reçoivent ses notifications"),
    HeldTable("deliveries", "Remis à d’autres programmes"),
    HeldTable("kept_texts", "Adresses de ses liens"),
    HeldTable("tallies", "Comptes"),
    HeldTable("tallied", "Comptes"),
    HeldTable("visits", "Visites"),
    HeldTable("waits", "Attentes"),
    HeldTable("edges", "États suivis"),
    HeldTable("flips", "États suivis"),
    HeldTable("transferred", "Changements de version"),
    HeldTable("carried", "Changements de version"),
    HeldTable("missed", "Événements à rendre"),
    HeldTable("inbox", "Événements à traiter"),
    HeldTable("moving", "Fiches réunies", leads=("source", "target")),
    HeldTable("merges", "Fiches réunies", leads=("source", "target")),
    HeldTable("merged_rows", "Fiches réunies", leads=("source",)),
    # Kept to be counted: who came when, what was bought for how much, what was sent, what was decided.
    HeldTable("events", "Événements", ("properties",)),
    HeldTable("journal", "Passages dans les campagnes", ("leaves",)),
    HeldTable("outbox", "Messages", ("reason", "reference", "holds", "domain")),
    HeldTable("enrolments", "Campagnes", ()),
    HeldTable("goal_events", "Événements des objectifs", ()),
    HeldTable("goals_reached", "Objectifs atteints", ()),
    HeldTable("refusals", "Entrées refusées", ()),
    HeldTable("visitor_days", "Jours où des pages furent vues", ()),
    HeldTable("erasures", "Oublis", ()),
)

#: The tables of which no row is about a lead, and why; those that may name one all the same are gone
#: through by themselves (`server.rights.mentions`).
IMPERSONAL: Mapping[str, str] = {
    "leads": "la ligne même du lead, vidée à part",
    "suppressions": "par adresse : voir les mentions",
    "lifted_suppressions": "par adresse : voir les mentions",
    "import_rejects": "des lignes de fichiers : voir les mentions",
    "receipts": "des clés de ce qui fut reçu : voir les mentions",
    "held": "des notes d’extensions : voir les mentions",
    "forgotten": "des empreintes, que nul ne lit sans le secret",
    "lead_fields": "les noms des champs",
    "lists": "les noms des listes",
    "campaigns": "de l’auteur",
    "goals": "de l’auteur",
    "goal_windows": "de l’auteur",
    "campaign_objectives": "de l’auteur",
    "split_parts": "des comptes",
    "goal_counts": "des comptes",
    "campaign_leads": "des comptes",
    "counters": "des comptes ; ceux qui ne comptaient qu’elle sont ôtés",
    "counter_changes": "des comptes ; repliés quand on oublie quelqu’un",
    "message_marks": "ce que sont devenus des messages, par leur numéro ; leur domaine en est ôté",
    "counting": "du serveur",
    "zone_shifts": "du serveur",
    "campaign_changes": "de l’équipe",
    "campaign_binders": "de l’équipe",
    "campaign_labels": "de l’équipe",
    "transitions": "de l’équipe",
    "transfers": "de l’équipe",
    "versions": "de l’auteur",
    "schedules": "des heures",
    "set_aside": "de l’auteur",
    "notings": "de l’auteur",
    "takings": "de l’auteur",
    "dynamic_lists": "de l’auteur",
    "team": "de l’équipe",
    "team_absences": "de l’équipe",
    "standing_rules": "de l’auteur",
    "seeds": "de l’auteur",
    "publications": "de l’auteur",
    "publication_files": "de l’auteur",
    "publication_requests": "de l’équipe",
    "deferred_publications": "de l’équipe",
    "tracked_links": "de l’auteur",
    "stopped_sinks": "d’un autre programme",
    "accounts": "de l’équipe",
    "recovery_codes": "de l’équipe",
    "passkeys": "de l’équipe",
    "provider_identities": "de l’équipe",
    "spent_challenges": "des empreintes, le temps de quelques minutes",
    "sessions": "de l’équipe",
    "api_answers": "de l’équipe",
    "one_time_links": "de l’équipe",
    "sign_in_attempts": "des empreintes, que nul ne lit",
    "api_tokens": "de l’équipe",
    "saved_reports": "de l’équipe ; aucune recherche d’une personne n’y est gardée",
    "saved_report_readers": "de l’équipe",
    "report_mails": "de l’équipe",
    "audit_log": "de l’équipe ; ce qui désigne quelqu’un d’autre y est masqué",
    "server_settings": "du serveur",
    "tenure": "du serveur",
    "division": "du serveur",
    "processes": "du serveur",
    "shards": "du serveur",
    "shard_raises": "du serveur",
    "lanes": "du serveur",
    "domain_turns": "des empreintes, le temps d’un jour",
    "imports": "les noms des fichiers",
    "sender_shares": "des empreintes, que nul ne lit sans le secret, le temps d’un jour",
    "recipient_counts": "des empreintes, le temps d’un jour",
}
