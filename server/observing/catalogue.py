"""Every measure by its name, with what it means: what is exposed is declared here, and nowhere else.

Names are English, with their unit, as Prometheus has them; what they mean is said to people. A page of
the documentation has a line for each, which a test holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class MetricKind(Enum):
    """What may be asked of a measure."""

    #: It only grows, until the process starts again.
    COUNTER = "compteur"
    #: How it is now.
    GAUGE = "jauge"
    #: Durations, by how long they were.
    HISTOGRAM = "durées"


@dataclass(frozen=True, slots=True)
class MetricDeclaration:
    """`labels`: what its values are told apart by."""

    name: str
    kind: MetricKind
    meaning: str
    labels: tuple[str, ...] = ()


_COUNTER, _GAUGE, _HISTOGRAM = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM
#: What any process says of itself, whatever the base does.
OF_PROCESS: Sequence[MetricDeclaration] = (
    MetricDeclaration(
        "relance_process_info", _GAUGE, "1, de ce processus", ("process", "roles", "version")
    ),
    MetricDeclaration(
        "relance_intake_group_seconds", _HISTOGRAM, "ranger ensemble ce qui est arrivé à la fois"
    ),
    MetricDeclaration("relance_intake_facts_total", _COUNTER, "faits rangés"),
    MetricDeclaration("relance_intake_waiting_facts", _GAUGE, "faits qui attendent d’être rangés"),
    MetricDeclaration(
        "relance_intake_waiting_bytes", _GAUGE, "ce que prennent ceux-là, à peu près"
    ),
    MetricDeclaration(
        "relance_intake_refused_total", _COUNTER, "envois qui ont reçu 503, la file étant pleine"
    ),
    MetricDeclaration("relance_forms_received_total", _COUNTER, "formulaires reçus"),
    MetricDeclaration(
        "relance_forms_trapped_total", _COUNTER, "formulaires de robots, pris au champ piège"
    ),
    MetricDeclaration(
        "relance_visits_lost_total",
        _COUNTER,
        "clics et visites que ni la base ni le disque n’ont pris",
    ),
    MetricDeclaration("relance_tick_seconds", _HISTOGRAM, "un tour du moteur qui avait à faire"),
    MetricDeclaration("relance_tick_rows_total", _COUNTER, "lignes que ces tours ont avancées"),
    MetricDeclaration(
        "relance_send_seconds",
        _HISTOGRAM,
        "remettre un message au fournisseur d’un canal",
        ("channel", "outcome"),
    ),
    MetricDeclaration(
        "relance_tasks_failing", _GAUGE, "tâches du processus qui échouent et sont reprises"
    ),
)
#: What the first alone says, of all: it asks the base for it.
OF_BASE: Sequence[MetricDeclaration] = (
    MetricDeclaration(
        "relance_base_up", _GAUGE, "1 si la base a répondu à temps, 0 sinon (le reste manque alors)"
    ),
    MetricDeclaration(
        "relance_concerns",
        _GAUGE,
        "ce qui ne va pas, par gravité, comme `/sante`",
        ("gravity",),
    ),
    MetricDeclaration("relance_channel_cut", _GAUGE, "1 si le canal est coupé", ("channel",)),
    MetricDeclaration(
        "relance_processes",
        _GAUGE,
        "processus de la base, par état, comme `relance etat`",
        ("state",),
    ),
    MetricDeclaration("relance_waiting", _GAUGE, "ce qui attend, de chaque sorte", ("what",)),
    MetricDeclaration(
        "relance_waiting_oldest_seconds",
        _GAUGE,
        "depuis quand le premier attend ; 0 s’il n’y en a pas",
        ("what",),
    ),
    MetricDeclaration(
        "relance_messages", _GAUGE, "messages, par canal et par état", ("channel", "state")
    ),
)
#: What the library reads of the system, where it can.
OF_SYSTEM: Sequence[MetricDeclaration] = (
    MetricDeclaration("relance_process_cpu_seconds_total", _COUNTER, "processeur employé"),
    MetricDeclaration("relance_process_resident_memory_bytes", _GAUGE, "mémoire tenue"),
    MetricDeclaration("relance_process_virtual_memory_bytes", _GAUGE, "mémoire adressée"),
    MetricDeclaration("relance_process_start_time_seconds", _GAUGE, "démarrage, depuis 1970"),
    MetricDeclaration("relance_process_open_fds", _GAUGE, "descripteurs ouverts"),
    MetricDeclaration("relance_process_max_fds", _GAUGE, "descripteurs permis"),
)
ALL: Sequence[MetricDeclaration] = (*OF_PROCESS, *OF_BASE, *OF_SYSTEM)
BY_NAME: Mapping[str, MetricDeclaration] = {one.name: one for one in ALL}
