"""The parts of a person’s file: each table that says something of her, its columns in her own words.

A test holds that no table of `HOLDINGS` is left out: it stands in a section, or in `LEFT_OUT` with
the reason why there is nothing in it to be told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from relance.report import CellType

INSTANT, VALUE, NUMBER, LINES = (
    CellType.INSTANT,
    CellType.VALUE,
    CellType.NUMBER,
    CellType.LINES,
)


@dataclass(frozen=True, slots=True)
class SectionColumn:
    """A column of a table, as it is told: its heading, its key in JSON, what it holds.

    `coded`: what says a code in words, by name (`server.rights.dossier`).
    """

    column: str
    heading: str
    key: str
    kind: CellType = CellType.TEXT
    coded: str = ""


@dataclass(frozen=True, slots=True)
class DossierSection:
    """One part: its title, its key, its columns, in which order its rows stand."""

    title: str
    key: str
    columns: tuple[SectionColumn, ...]
    order: tuple[str, ...]


C = SectionColumn
_AT = C("at", "Quand", "quand", INSTANT)

SECTIONS: Mapping[str, DossierSection] = {
    "identities": DossierSection(
        "Ce qui la fait reconnaître",
        "identites",
        (
            C("kind", "Sorte", "sorte", coded="identity"),
            C("value", "Valeur", "valeur"),
            C("proof", "Preuve", "preuve", coded="proof"),
        ),
        ("kind", "value"),
    ),
    "field_proofs": DossierSection(
        "Ce qui prouve ses champs",
        "preuves",
        (
            C("field", "Champ", "champ", coded="field"),
            C("proof", "Preuve", "preuve", coded="proof"),
            C("at", "Depuis", "depuis", INSTANT),
        ),
        ("field",),
    ),
    "list_members": DossierSection(
        "Ses listes",
        "listes",
        (
            C("list_key", "Liste", "liste", coded="list"),
            C("since", "Depuis", "depuis", INSTANT),
        ),
        ("list_key",),
    ),
    "lead_tags": DossierSection(
        "Ses étiquettes",
        "etiquettes",
        (C("name", "Étiquette", "etiquette"), C("since", "Depuis", "depuis", INSTANT)),
        ("tag_key",),
    ),
    "interests": DossierSection(
        "Ses intérêts",
        "interets",
        (C("topic", "Sujet", "sujet"), C("value", "Points", "points", CellType.COUNT)),
        ("topic_key",),
    ),
    "points": DossierSection(
        "Ses points",
        "points",
        (
            _AT,
            C("delta", "Points", "points", NUMBER),
            C("topic", "Intérêt", "interet"),
            C("reason", "Pourquoi", "raison", coded="points_reason"),
        ),
        ("at", "id"),
    ),
    "events": DossierSection(
        "Ce qui lui est arrivé",
        "evenements",
        (
            C("occurred_at", "Quand", "quand", INSTANT),
            C("type", "Quoi", "type", coded="event"),
            C("subject", "Sujet", "sujet"),
            C("context", "Dans", "contexte", coded="context"),
            C("address", "Adresse", "adresse"),
            C("properties", "Détails", "proprietes", VALUE),
            C("amount", "Montant", "montant", coded="amount"),
            C("currency", "Devise", "devise"),
            C("proof", "Preuve", "preuve", coded="proof"),
            C("received_at", "Reçu le", "recu", INSTANT),
        ),
        ("occurred_at", "id"),
    ),
    "enrolments": DossierSection(
        "Ses campagnes",
        "campagnes",
        (
            C("campaign_id", "Campagne", "campagne", coded="campaign"),
            C("entered_at", "Entrée", "entree", INSTANT),
            C("left_at", "Sortie", "sortie", INSTANT),
            C("outcome", "Fin", "fin", coded="outcome"),
            C("step", "Dernière étape", "etape"),
        ),
        ("entered_at",),
    ),
    "journal": DossierSection(
        "Ce que les campagnes ont décidé pour elle",
        "decisions",
        (
            _AT,
            C("campaign_id", "Campagne", "campagne", coded="campaign"),
            C("kind", "Pas", "pas", coded="move"),
            C("cause", "Pourquoi", "cause", coded="cause"),
            C("leaves", "Réponses", "reponses", LINES, coded="leaves"),
            C("until", "", "jusqu_a", INSTANT),  # people read it in « Pourquoi »
        ),
        ("at", "move"),
    ),
    "refusals": DossierSection(
        "Les campagnes où elle n’est pas entrée",
        "refus_d_entree",
        (
            _AT,
            C("campaign_id", "Campagne", "campagne", coded="campaign"),
            C("reason", "Pourquoi", "raison", coded="refusal"),
        ),
        ("at",),
    ),
    "goals_reached": DossierSection(
        "Les objectifs qu’elle a atteints",
        "objectifs",
        (
            _AT,
            C("goal_id", "Objectif", "objectif", coded="goal"),
            C("goal_id", "Campagne", "campagne", coded="goal_campaign"),
        ),
        ("at",),
    ),
    "outbox": DossierSection(
        "Ce qui lui a été écrit",
        "messages",
        (
            C("created_at", "Décidé le", "decide", INSTANT),
            C("channel", "Canal", "canal", coded="channel"),
            C("message", "Message", "message"),
            C("recipient", "Pour", "destinataire"),
            C("campaign_id", "Campagne", "campagne", coded="campaign"),
            C("state", "État", "etat", coded="message_state"),
            C("settled_at", "Réglé le", "regle", INSTANT),
            C("reason", "Pourquoi", "raison"),
            C("holds", "Retenu", "retenu", LINES, coded="holds"),
            C("reference", "Référence", "reference"),
        ),
        ("created_at",),
    ),
    "kept_texts": DossierSection(
        "Les adresses de ses liens",
        "liens",
        (C("text", "Adresse", "adresse"),),
        ("id",),
    ),
    "attached": DossierSection(
        "Les navigateurs qui reçoivent ses notifications",
        "navigateurs",
        (
            C("at", "Depuis", "depuis", INSTANT),
            C("channel", "Canal", "canal", coded="channel"),
            C("name", "Adresse", "adresse"),
            C("visitor", "Marque", "marque"),
            C("text", "Clés", "cles", VALUE),
        ),
        ("at",),
    ),
    "deliveries": DossierSection(
        "Ce qui a été remis à d’autres programmes",
        "appels",
        (
            C("received_at", "Quand", "quand", INSTANT),
            C("sink", "À qui", "a_qui"),
            C("type", "Quoi", "type", coded="event"),
            C("subject", "Sujet", "sujet"),
            C("context", "Dans", "contexte", coded="context"),
            C("address", "Adresse", "adresse"),
            C("properties", "Détails", "proprietes", VALUE),
            C("state", "État", "etat", coded="delivery_state"),
            C("reason", "Réponse", "reponse"),
        ),
        ("received_at",),
    ),
    "declarations": DossierSection(
        "Ce qui a été dit d’elle sans preuve",
        "declarations",
        (
            C("received_at", "Quand", "quand", INSTANT),
            C("field", "Champ", "champ", coded="field"),
            C("value", "Valeur", "valeur", VALUE),
            C("source", "Par", "source", coded="source"),
            C("visitor", "Navigateur", "navigateur"),
            C("state", "État", "etat", coded="declaration_state"),
        ),
        ("id",),
    ),
    "leftovers": DossierSection(
        "Ce qui est resté sans place",
        "sans_place",
        (
            _AT,
            C("source", "D’où", "source", coded="source"),
            C("field", "Champ", "champ"),
            C("value", "Valeur", "valeur"),
            C("reason", "Pourquoi", "raison", coded="leftover"),
        ),
        ("at",),
    ),
    "pledges": DossierSection(
        "Les navigateurs où son adresse a été donnée",
        "navigateurs_a_prouver",
        (_AT, C("visitor", "Marque", "marque")),
        ("at",),
    ),
    "merges": DossierSection(
        "Les fiches réunies à la sienne",
        "reunions",
        (
            _AT,
            C("source", "Fiche", "fiche", NUMBER),
            C("target", "Réunie à", "reunie_a", NUMBER),
            C("taken", "Champs repris", "repris", LINES, coded="taken"),
        ),
        ("at",),
    ),
    "merged_rows": DossierSection(
        "Ce que ces fiches tenaient",
        "avant_reunion",
        (
            C("source", "Fiche", "fiche", NUMBER),
            C("kind", "Quoi", "quoi", coded="table"),
            C("row", "Contenu", "contenu", LINES, coded="row"),
        ),
        ("source", "kind", "key"),
    ),
}

#: What is held of a person and tells her nothing that the rest does not, and why.
LEFT_OUT: Mapping[str, str] = {
    "challenges": "l’empreinte d’un code, le temps qu’il vaut",
    "tallies": "des comptes de ses événements, refaits à volonté",
    "tallied": "des comptes de ses événements, refaits à volonté",
    "visits": "des comptes de ses pages vues, refaits à volonté",
    "visitor_days": "des comptes de ses pages vues, refaits à volonté",
    "goal_events": "les numéros d’événements qui sont donnés eux-mêmes",
    "waits": "ce que le moteur attend pour ses campagnes, qui sont données",
    "edges": "les états que le moteur suit, refaits à volonté",
    "flips": "les heures où ces états changent, refaites à volonté",
    "transferred": "où elle était dans une version d’avant, que dit son passage",
    "carried": "ce que le moteur compte de ses passages, qui sont donnés",
    "inbox": "des événements que le moteur n’a pas encore lus, qui sont donnés eux-mêmes",
    "missed": "des événements à relire, qui sont donnés eux-mêmes",
    "moving": "une réunion de fiches en cours",
    "erasures": "un oubli : il n’y a plus de dossier",
}
