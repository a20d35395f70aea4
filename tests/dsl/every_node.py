"""A program and rules in which every class that is stored appears: what golden files are made of."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from dsl.program import (
    END,
    Act,
    Await,
    Branch,
    Decide,
    Exit,
    ExitRule,
    Jump,
    Leave,
    Loop,
    LoopStart,
    Pause,
    Place,
    Program,
    Reentry,
    Share,
    Split,
    Step,
    Trigger,
)
from dsl.rules import Conversion, PointRule
from relance.effects import (
    AddTag,
    AddToList,
    Assign,
    ChangeInterest,
    ChangeScore,
    DatePlusDays,
    Emit,
    EnterCampaign,
    LeaveCampaign,
    Owner,
    RemoveFromList,
    RemoveTag,
    Rewrite,
    Send,
    SetField,
    Today,
)
from relance.events import EventPattern, PropertyTest
from relance.facts import (
    Age,
    All,
    AnyOf,
    AtStep,
    Birthday,
    Compare,
    Contains,
    Count,
    DaysUntil,
    Draw,
    Entered,
    Events,
    Exited,
    Field,
    Happened,
    HasTag,
    InList,
    Interest,
    IsEmpty,
    LastDay,
    LastVisitLength,
    Leaf,
    Literal,
    MinutesSince,
    Not,
    PagesPerVisit,
    Score,
    SinceAgo,
    SinceDate,
    SinceEntry,
    SinceStep,
    SinceWait,
    Total,
    VisitPages,
    Visits,
)
from relance.said import Said
from relance.values import (
    Amount,
    Change,
    Comparator,
    Direction,
    Duration,
    FieldName,
    Percentage,
    Several,
    Weekday,
)
from relance.waits import (
    WaitFor,
    WaitForHours,
    WaitForWeekday,
    WaitForWorkingDays,
    WaitUntil,
    WaitUntilNext,
    WaitUpTo,
)

LESS = Comparator.LESS
PAGE = EventPattern("page_visited", "/prix*")
BOUGHT = EventPattern(
    "purchase", None, "boutique", (PropertyTest("montant", Comparator.AT_LEAST, Decimal("49.95")),)
)


def events(since: Any = None) -> Events:
    return Events(PAGE, since)


def below(left: Any, right: Any) -> Compare:
    return Compare(left, LESS, Literal(right))


ASKED = All(
    (
        AnyOf((Happened(Events(BOUGHT)), Happened(events(SinceEntry()), 3), InList("Clients"))),
        Not(HasTag("Employé")),
        Leaf(Said("Score au-dessus de (5)"), Compare(Score(), Comparator.GREATER, Literal(5))),
        below(Field("ville"), "Montréal"),
        below(Interest("Vélo"), 7),
        below(Count(events(SinceStep("Accueil"))), 2),
        below(
            Total((Events(BOUGHT, SinceAgo(Duration(days=7))),), "CAD"), Amount(Decimal(5), "CAD")
        ),
        below(LastDay(events(SinceDate(date(2026, 12, 1)))), date(2026, 12, 24)),
        below(Visits(), 2),
        below(VisitPages(3), 9),
        below(PagesPerVisit(), Decimal("1.5")),
        below(LastVisitLength(), 60),
        below(MinutesSince(events(SinceWait())), 90),
        below(Age(Field("date de naissance")), 18),
        below(DaysUntil(date(2026, 12, 25)), 10),
        Contains(Field("intérêts"), "vélo"),
        IsEmpty(Field("courriel")),
        Birthday(Field("date de naissance"), -2),
        Entered("Accueil"),
        AtStep("Accueil"),
        Exited(("SUCCESS", "FAILURE"), "Accueil"),
        Draw(Decimal(50), "essai/hasard"),
    )
)
#: What only slots of phrases hold: an effect may carry it all the same.
SAID: tuple[Any, ...] = (
    None,
    True,
    0,
    "",
    Direction.AFTER,
    Percentage(Decimal("12.5")),
    FieldName("ville"),
    Several(("vélo", 2)),
    time(9, 30),
)
EFFECTS = (
    Send("email", "Bienvenue"),
    Send("alert", "Nouveau", Owner()),
    Assign(),
    SetField("échéance", DatePlusDays(Field("échéance"), 3)),
    SetField("vu le", Today()),
    *(SetField("dit", one) for one in SAID),
    ChangeScore(Change(-5)),
    ChangeInterest("Vélo", Change(10, absolute=True)),
    Rewrite("prénom", "majuscules"),
    AddToList("Infolettre"),
    RemoveFromList("Prospects"),
    AddTag("Vu"),
    RemoveTag("Nouveau"),
    Emit("custom", "Jalon"),
    EnterCampaign("Suite"),
    LeaveCampaign("Accueil"),
)
WAITS = (
    WaitFor(Duration(1, 2, 3)),
    WaitUpTo(Duration(days=3), "essai/attente"),
    WaitUntil(Field("échéance"), time(9), -1),
    WaitForWeekday(Weekday.MONDAY, Weekday.FRIDAY),
    WaitForHours(time(9), time(17)),
    WaitUntilNext(time(8, 30), Weekday.SUNDAY, 2),
    WaitForWorkingDays(3, time(10)),
)


def here(text: str) -> Place:
    return Place(7, Said(text))


PROGRAM = Program(
    name="Essai",
    description="tout ce qui se garde",
    zone="America/Montreal",
    starts=date(2026, 12, 1),
    ends=date(2027, 1, 31),
    reentry=Reentry.AFTER_DELAY,
    reentry_delay=Duration(months=1),
    timeout=Duration(days=30),
    entries=(
        Trigger(here("quand Page web (/prix*) visitée"), PAGE),
        Trigger(here("quand Lead étiqueté (Vu)"), condition=HasTag("Vu")),
        Trigger(here("quand chaque jour à 9 h"), schedule="0 9 * * *"),
    ),
    exits=(ExitRule(Exit.SUCCESS, Trigger(here("quand Achat effectué"), BOUGHT, ASKED)),),
    statements=(
        Step("étape:accueil", here("étape « Accueil »"), "Accueil", 1),
        Act("agir#1", here("Envoyer courriel (Bienvenue)"), EFFECTS, 2),
        Decide("si#1", here("si …"), ASKED, 3, 4),
        Await(
            "attendre#1",
            here("attendre au plus 3 jours"),
            (Branch(here("dès que …"), Happened(events(SinceWait())), 4),),
            Duration(days=3),
            4,
            ("page_visited",),
        ),
        *(Pause(f"pause#{n}", here("Attendre"), one, 5 + n) for n, one in enumerate(WAITS)),
        Split("répartir#1", here("répartir"), "essai/objet", (Share("A", 5000, 12), Share("B", 10000, 12))),
        LoopStart("répéter#1", here("répéter"), 13),
        Loop("répéter#1/fin", here("répéter"), 12, 14, 2, 15),
        Jump("aller#1", here("aller à l’étape « Accueil »"), 0, 3, 15),
        Leave("sortir#1", here("sortir (échec)"), Exit.FAILURE),
    ),
    first=0,
)  # fmt: skip
RULES = (
    PointRule("intérêt « Vélo »#1", "Vélo", Change(5), Trigger(here("quand …"), PAGE)),
    Conversion("Démo", Trigger(here("quand …"), condition=ASKED)),
)
assert END == -1
