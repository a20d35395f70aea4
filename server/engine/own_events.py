"""The events the server records by itself, declared by the door of the plugins' own.

What effects do to a lead, what forms and sites tell, what the engine tells itself; a plugin that is
left out takes none of them away.
"""

from relance.event_type import EventType
from relance.events import (
    ASSIGNED,
    CAMPAIGN_ENTERED,
    CONVERTED,
    CUSTOM,
    FORM_SUBMITTED,
    INTEREST_CHANGED,
    LEAD_UPDATED,
    LINK_CLICKED,
    LIST_ADDED,
    LIST_REMOVED,
    PAGE_VISITED,
    SCORE_CHANGED,
    TAG_ADDED,
    TAG_REMOVED,
)
from relance.message_mark import MessageMark
from server.engine.by_hand import said_by

#: Of the engine's own: a scheduled trigger came due for a lead; a state of an entry holds for a
#: lead that was there before, or still is; a campaign sent it here; a lead that was not known
#: before; two leads found to be one, so that anything may have changed.
SCHEDULE_DUE = "schedule_due"
STATE_STANDS = "state_stands"
CAMPAIGN_REQUESTED = "campaign_requested"
LEAD_CREATED = "lead_created"
LEAD_MERGED = "lead_merged"
#: Recorded when it is somebody's turn and there is nobody.
NOT_ASSIGNED = "not_assigned"
#: Those that tell nothing of the world.
INNER = frozenset({SCHEDULE_DUE, STATE_STANDS, CAMPAIGN_REQUESTED})


EVENT_TYPES = (
    EventType(
        FORM_SUBMITTED,
        "formulaire rempli",
        "Un formulaire a été rempli.",
        public=True,
        sentence="Formulaire[ ({subject})] rempli",
        icon="✎",
        # A request, in the words of Canada’s law (S.C. 2010, c. 23, s. 10(10)(e)).
        implies=6,
    ),
    EventType(
        PAGE_VISITED,
        "page visitée",
        "Une page du site a été vue.",
        public=True,
        sentence="Page web[ ({subject})] visitée",
        icon="▤",
    ),
    EventType(
        LINK_CLICKED,
        "lien cliqué",
        "Un lien suivi a été cliqué.",
        sentence="Lien[ ({subject})] cliqué[ dans courriel ({context})]",
        icon="↗",
        mark=MessageMark.CLICKED,
    ),
    EventType(
        CUSTOM,
        "événement",
        "Un événement qu’aucune extension ne connaît, sous le nom que le site lui donne.",
        public=True,
        sentence="Événement[ ({subject})] survenu",
    ),
    EventType(
        LEAD_CREATED,
        "lead créé",
        "Une fiche a été faite.",
        sentence="Lead créé",
        icon="+",
        echo=True,
        reason=said_by,
    ),
    EventType(
        LEAD_UPDATED,
        "fiche modifiée",
        "Des champs du lead ont changé.",
        sentence="Fiche du lead modifiée",
        icon="✎",
        echo=True,
        reason=said_by,
    ),
    EventType(
        LEAD_MERGED,
        "fiches réunies",
        "Deux fiches se sont trouvées être de la même personne.",
        sentence="Fiche réunie à une autre",
        icon="∪",
        echo=True,
        reason=said_by,
    ),
    EventType(
        SCORE_CHANGED,
        "pointage changé",
        "Le pointage du lead a changé.",
        sentence="Pointage changé",
        icon="±",
        echo=True,
    ),
    EventType(
        INTEREST_CHANGED,
        "intérêt changé",
        "L’intérêt du lead pour un sujet a changé.",
        sentence="Intérêt[ ({subject})] changé",
        icon="±",
        echo=True,
    ),
    EventType(
        LIST_ADDED,
        "ajout à une liste",
        "Le lead a été ajouté à une liste.",
        sentence="Ajouté à la liste[ ({subject})]",
        icon="≡",
        echo=True,
        reason=said_by,
    ),
    EventType(
        LIST_REMOVED,
        "retrait d’une liste",
        "Le lead a été enlevé d’une liste.",
        sentence="Enlevé de la liste[ ({subject})]",
        icon="≡",
        echo=True,
        reason=said_by,
    ),
    EventType(
        TAG_ADDED,
        "étiquette ajoutée",
        "Une étiquette a été posée sur le lead.",
        sentence="Étiquette[ ({subject})] ajoutée",
        icon="#",
        echo=True,
        reason=said_by,
    ),
    EventType(
        TAG_REMOVED,
        "étiquette retirée",
        "Une étiquette a été retirée du lead.",
        sentence="Étiquette[ ({subject})] retirée",
        icon="#",
        echo=True,
        reason=said_by,
    ),
    EventType(
        CONVERTED,
        "conversion",
        "Une conversion déclarée dans les scripts s’est réalisée.",
        sentence="Conversion[ ({subject})] réalisée",
        icon="★",
    ),
    EventType(
        ASSIGNED,
        "lead assigné",
        "Le lead a été confié à quelqu’un de l’équipe.",
        sentence="Assigné à[ ({subject})]",
        icon="☞",
    ),
    EventType(
        NOT_ASSIGNED,
        "équipe vide",
        "Le lead devait être assigné, et l’équipe est vide.",
        sentence="Personne à qui assigner le lead : l’équipe est vide",
        icon="☞",
    ),
    EventType(
        CAMPAIGN_ENTERED,
        "entrée dans une campagne",
        "Le lead est entré dans une campagne.",
        sentence="Entré dans la campagne[ ({subject})]",
        icon="→",
    ),
    # Their subject is a number or a key, of no use to a reader.
    EventType(
        SCHEDULE_DUE,
        "moment prévu",
        "Le moment qu’une règle prévoit est venu.",
        sentence="Moment prévu par la règle",
    ),
    EventType(
        STATE_STANDS,
        "condition déjà remplie",
        "Ce que demande une entrée ou une sortie était vrai avant d’être demandé.",
        sentence="Condition déjà remplie",
        by_context={
            "publication": "La condition était remplie à la publication",
            "période": "La condition était remplie à l’ouverture de la période",
            "sortie": "La condition est encore remplie à la sortie",
            "nouvelle version": "Déjà vrai au passage à la nouvelle version",
            "reprise": "La condition est devenue vraie pendant que la campagne ne tournait pas",
        },
        echo=True,
    ),
    EventType(
        CAMPAIGN_REQUESTED,
        "envoi d’une campagne à une autre",
        "Une campagne a envoyé le lead dans une autre.",
        sentence="Envoyé ici par une autre campagne",
    ),
)
