"""A labelled set of visits, of people and of machines, as the trade describes them.

Nobody publishes real logs with labels: these sequences are written after what vendors of scanners,
mail readers and senders say of their behaviour. They hold what we promise and what we miss.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from relance.testing import asked
from relance.tracking.machines import Machines, VisitVerdict, signs_of
from relance.tracking.visits import CLICK, OPEN, TRAP, Visit

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
CUBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT X30) AppleWebKit/537.36 Chrome/140.0 Mobile Safari"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"
HOME, OFFICE, CLOUD, GATE = "203.0.113.9", "198.51.100.20", "192.0.2.77", "192.0.2.15"


@dataclass(frozen=True)
class Seen:
    """A visit, `at` seconds after the sending; link 0 is the first of the message's."""

    at: float
    link: int = 0
    kind: str = CLICK
    agent: str = CHROME
    client: str = HOME
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=lambda: {"accept-language": "fr-CA"})
    key: str = "k"


@dataclass(frozen=True)
class Case:
    """What came for one message; `machine` says what each visit was."""

    name: str
    visits: Sequence[Seen]
    machine: Sequence[bool]
    links: int = 4


BARE: dict[str, str] = {}


def person(name: str, *visits: Seen, links: int = 4) -> Case:
    return Case(name, visits, [False] * len(visits), links)


def machine(name: str, *visits: Seen, links: int = 4) -> Case:
    return Case(name, visits, [True] * len(visits), links)


CASES = [
    # People.
    person("un clic, une minute après", Seen(60)),
    person("un clic le lendemain, du téléphone", Seen(86_400, agent=IPHONE)),
    person("une ouverture puis un clic", Seen(30, kind=OPEN), Seen(48, 1)),
    person("ouvre et clique en douze secondes", Seen(9, kind=OPEN), Seen(12)),
    person("un clic très vif, quatre secondes après", Seen(4)),
    person("deux liens, l’un après l’autre", Seen(300, 0), Seen(320, 1)),
    person("deux liens d’un message qui en a deux", Seen(300, 0), Seen(312, 1), links=2),
    person("deux onglets ouverts d’un geste", Seen(200, 0), Seen(201.5, 1)),
    person("tout lu, lien par lien", *(Seen(100 + 30 * at, at) for at in range(4))),
    person("le même lien trois fois, la page tarde", Seen(90), Seen(91), Seen(92)),
    person("du bureau puis de la maison", Seen(60, client=OFFICE), Seen(7_200, agent=IPHONE)),
    person("un navigateur discret, sans langue", Seen(600, agent=FIREFOX, headers=BARE)),
    person("un téléphone de marque Cubot", Seen(600, agent=CUBOT)),
    person("ouvre dans Gmail", Seen(400, kind=OPEN, agent=GMAIL, client=CLOUD, headers=BARE)),
    person("ouvre dans Yahoo", Seen(400, kind=OPEN, agent=YAHOO, client=CLOUD, headers=BARE)),
    person("ouvre dans Gmail, clique", Seen(40, kind=OPEN, agent=GMAIL, headers=BARE), Seen(55)),
    person("un message d’un seul lien", Seen(45), links=1),
    person("un lien transféré à une collègue", Seen(60), Seen(4_000, client=OFFICE, agent=FIREFOX)),
    person("ouvre trois onglets en six secondes", Seen(90, 0), Seen(93.2, 1), Seen(96.5, 2)),
    # Machines.
    machine("un analyseur qui dit son nom", Seen(8, agent=SCANNER)),
    machine("un navigateur sans nom", Seen(300, agent="", headers=BARE)),
    machine("une demande d’en-tête", Seen(30, method="HEAD")),
    machine("le relais d’Apple", Seen(900, kind=OPEN, agent="Mozilla/5.0", headers=BARE)),
    machine("un préchargement annoncé", Seen(60, headers={"sec-purpose": "prefetch"})),
    machine("une page dessinée d’avance", Seen(60, headers={"x-purpose": "prerender"})),
    machine("un programme", Seen(500, agent="python-requests/2.32", headers=BARE)),
    machine("à la seconde de l’envoi", Seen(1)),
    machine("en cinq secondes, sans langue", Seen(5, headers=BARE, client=GATE)),
    machine("tous les liens à la fois", *(Seen(20 + at / 10, at, client=GATE) for at in range(4))),
    machine(
        "tous, très tôt", *(Seen(3 + at / 2, at, client=GATE, headers=BARE) for at in range(4))
    ),
    machine("les deux liens ensemble", Seen(40, 0), Seen(40.2, 1), links=2),
    machine(
        "le lien caché puis les autres", Seen(60, kind=TRAP, client=GATE), Seen(64, client=GATE)
    ),
    machine(
        "les autres puis le lien caché", Seen(60, client=GATE), Seen(63, kind=TRAP, client=GATE)
    ),
    machine(
        "d’adresses différentes, avec le lien caché",
        Seen(60, 0, client=CLOUD, agent=FIREFOX),
        Seen(62, kind=TRAP, client=GATE),
        Seen(65, 1, client=OFFICE),
    ),
    machine("l’en-tête puis la page", Seen(50, method="HEAD"), Seen(51)),
    machine("la page puis l’en-tête d’un autre lien", Seen(50), Seen(52, 1, method="HEAD")),
    machine("l’image et le clic d’un même coup", Seen(0.5, kind=OPEN), Seen(1.2)),
    machine("Gmail qui suivrait un lien", Seen(60, agent=GMAIL)),
    Case(
        "l’analyseur passe, la personne vient ensuite",
        [
            Seen(3, 0, agent=SCANNER, client=GATE),
            Seen(3.4, 1, agent=SCANNER, client=GATE),
            Seen(240),
        ],
        [True, True, False],
    ),
    Case(
        "le relais d’Apple ouvre, la personne clique",
        [Seen(15, kind=OPEN, agent="Mozilla/5.0", client=CLOUD, headers=BARE), Seen(500)],
        [True, False],
    ),
    # What no sign betrays: a patient scanner that looks like a browser and follows one link.
    machine("un analyseur patient, un seul lien", Seen(70, client=GATE)),
    machine(
        "un analyseur patient, un lien à la minute", *(Seen(70 + 60 * at, at) for at in range(3))
    ),
]


def visit(seen: Seen, case: Case) -> Visit:
    headers = {**seen.headers, "user-agent": seen.agent}
    request = asked(seen.method, headers=headers, client=seen.client)
    signs = signs_of(seen.kind, request)
    link = seen.link if seen.kind == CLICK else 0
    return Visit(
        seen.kind,
        1,
        seen.key,
        1,
        link,
        link,
        case.links,
        0.0,
        seen.at,
        seen.client,
        seen.agent,
        signs,
    )


def at_once(case: Case) -> Iterator[VisitVerdict]:
    """Each visit judged as it comes."""
    machines = Machines()
    for seen in case.visits:
        one = visit(seen, case)
        machines.meet(one)
        yield machines.judge(one, machines.recent(one))


def waiting(case: Case, stall: float = 20.0) -> Iterator[VisitVerdict]:
    """Each visit judged with those held when the first of them was due."""
    machines = Machines()
    left = [visit(seen, case) for seen in case.visits]
    for one in left:
        machines.meet(one)
    while left:
        session = [one for one in left if one.at <= left[0].at + stall]
        left = left[len(session) :]
        yield from (machines.judge(one, session) for one in session)


def figures(judge: object) -> tuple[float, float]:
    """Precision and recall on machines, each case weighing the same."""
    right = wrong = missed = 0.0
    for case in CASES:
        for verdict, is_machine in zip(judge(case), case.machine, strict=True):  # type: ignore[operator]
            share = 1 / len(case.visits)
            right += share * (verdict.machine and is_machine)
            wrong += share * (verdict.machine and not is_machine)
            missed += share * (not verdict.machine and is_machine)
    return right / (right + wrong), right / (right + missed)


@pytest.mark.parametrize(
    "case", [case for case in CASES if not any(case.machine)], ids=lambda c: c.name
)
def test_a_person_counts_as_one(case: Case) -> None:
    for judge in (at_once, waiting):
        assert not any(verdict.machine for verdict in judge(case))


def test_waiting_tells_more_machines_and_never_at_a_person_s_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    precision, recall = figures(at_once)
    patient_precision, patient_recall = figures(waiting)
    with capsys.disabled():
        print(
            f"\nmachines, {len(CASES)} suites de visites : sans attente, précision {precision:.0%} "
            f"et rappel {recall:.0%} ; 20 s d’attente, {patient_precision:.0%} et "
            f"{patient_recall:.0%}"
        )
    assert (precision, patient_precision) == (1, 1)
    assert recall >= 0.70
    assert patient_recall >= 0.90


def test_every_visit_says_why_and_how_surely() -> None:
    for case in CASES:
        for verdict in waiting(case):
            assert 0 < verdict.probability < 1
            assert not verdict.machine or verdict.signs


def test_one_visitor_for_many_recipients_is_a_gateway() -> None:
    machines, case = Machines(), CASES[0]
    found = []
    for number in range(12):
        one = visit(Seen(300 + number / 2, client=GATE, key=f"k{number}"), case)
        machines.meet(one)
        found.append(machines.judge(one, [one]).machine)
    assert found == [False] * 7 + [True] * 5
