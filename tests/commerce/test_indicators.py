"""The indicators of a period, counted by the store as their definitions say."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Select, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from plugins.contacts.indicators import indicators, window_of
from relance.errors import ConfigurationError, ContractError
from relance.events import CONTACT_MADE, PAGE_VISITED, EventPattern, NewEvent
from relance.hookspecs import hookimpl
from relance.host import Identities, Incoming, Setup
from relance.indicator import (
    RESERVED,
    EventCount,
    Indicator,
    LeadCount,
    Mean,
    Ratio,
    Sales,
    Shown,
    bases,
)
from relance.testing import FakeHost, VirtualClock, check_plugin
from relance.values import Amount
from server.cli.main import main
from server.clock import SystemClock
from server.intake.intake import Intake
from server.plugins import plugins_of
from server.reports.as_json import as_json
from server.reports.indicator_periods import Period, bounds, periods_of
from server.reports.indicators import (
    Found,
    counted,
    plain_query,
    read_course,
    read_indicators,
    sales_query,
)
from server.reports.measures import Measured, indicators_report
from server.reports.screen import screen
from server.runtime import Runtime
from server.settings import Settings
from server.store.instants import to_micros
from server.store.measured import measure, measured
from server.store.schema.campaigns import enrolments
from server.store.store import Store
from tests.whole import running

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
NOVEMBER = Period(
    to_micros(datetime(2026, 11, 1, tzinfo=UTC)), to_micros(datetime(2026, 12, 1, tzinfo=UTC))
)


def within(days: object) -> FakeHost:
    return FakeHost(settings={"contacts": {"fenetre": days}})


WITHIN_A_WEEK = indicators(within(7))


class Floor:
    """A shop floor: what its people do, and what is counted of it."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        clock.set(datetime(2027, 1, 1, tzinfo=UTC))
        self.store, self.intake = store, Intake(store, clock)

    async def tell(
        self,
        who: str,
        type_: str,
        days: float = 0,
        subject: str | None = None,
        worth: str | None = None,
        context: str | None = None,
        currency: str | None = None,
        **properties: Any,
    ) -> None:
        amount = None if worth is None else Amount(Decimal(worth), currency)
        event = NewEvent(
            type_,
            subject,
            context=context,
            properties=properties,
            occurred_at=NOON + timedelta(days=days),
            amount=amount,
        )
        await self.intake.record(
            [Incoming("essai", Identities(email=f"{who}@exemple.ca"), {}, (event,))]
        )

    async def count(self, period: Period = NOVEMBER) -> Mapping[str, Found]:
        """What each came to, alone; held to what a course over several periods says of each."""
        middle = (period.start + period.end) // 2
        several = (period, replace(period, end=middle), replace(period, start=middle))
        dialect, of = self.store.dialect, WITHIN_A_WEEK
        async with self.store.read() as conn:
            alone = [await read_indicators(conn, dialect, one, "CAD", of) for one in several]
            assert await read_course(conn, dialect, several, "CAD", of) == alone
        return alone[0]


@pytest.fixture
def floor(store: Store, clock: VirtualClock) -> Floor:
    return Floor(store, clock)


def shown(found: Mapping[str, Found]) -> dict[str, str]:
    """Each indicator by its name, as a terminal shows it."""
    measured = Measured(date(2026, 11, 1), date(2026, 11, 30), "CAD", found)
    report = indicators_report(measured, WITHIN_A_WEEK)
    return dict(screen(report, ZoneInfo("America/Montreal")).rows)


def sales(found: Mapping[str, Found], key: str) -> tuple[Found, Found]:
    """How many, and what they came to."""
    return found[f"{key}.transactions"], found[f"{key}.chiffre_affaires"]


async def test_an_empty_period_counts_nothing_and_divides_by_nothing(floor: Floor) -> None:
    found = await floor.count()
    assert (found["contacts"], found["taux_satisfaction"]) == (0, None)
    assert sales(found, "ventes_site") == (0, 0)
    counts = shown(found)
    assert counts["Nombre de contacts"] == "0"
    assert counts["Panier moyen du site"] == counts["Taux de satisfaction"] == "—"


async def test_those_of_a_campaign_are_counted_of_what_they_did_since_they_entered_it(
    floor: Floor,
) -> None:
    for who in ("a", "b"):
        for days in (0, 2):
            await floor.tell(who, "contact_made", days=days)
    entered = to_micros(NOON + timedelta(days=1))
    stay = {"lead_id": 1, "campaign_id": 7, "entry": 1, "version_id": 1, "active": True}
    stands = {"statement": 0, "moves": 1, "since_at": 0, "since_event": 0}
    async with floor.store.write() as conn:
        await conn.execute(insert(enrolments).values(**stay, **stands, entered_at=entered))
    assert (await floor.count())["contacts"] == 4
    assert (await floor.count(replace(NOVEMBER, campaign=7)))["contacts"] == 1
    assert (await floor.count(replace(NOVEMBER, campaign=8)))["contacts"] == 0


async def test_contacts_are_counted_and_their_delays_and_ratings_averaged(floor: Floor) -> None:
    await floor.tell("a", "contact_made", delai_reponse=30)
    await floor.tell("a", "contact_made", delai_reponse="90")
    await floor.tell("b", "contact_made", delai_reponse="bientôt")
    await floor.tell("b", "contact_made", days=-30)
    await floor.tell("a", "contact_ended", duree_traitement=600)
    await floor.tell("a", "contact_ended", duree_traitement=-5)
    await floor.tell("c", "contact_missed", subject="Absents")
    await floor.tell("c", "contact_missed", subject="occupes")
    await floor.tell("c", "contact_missed", subject="occupés")
    await floor.tell("c", "contact_missed")
    await floor.tell("c", "contact_unanswered")
    for rating in (5, 4, 3, 9, None):
        await floor.tell("a", "contact_rated", note=rating)
    found = await floor.count()
    assert (found["contacts"], found["contacts_manques"]) == (3, 4)
    assert (found["contacts_manques_absents"], found["contacts_manques_occupes"]) == (1, 2)
    assert (found["contacts_sans_reponse"], found["repondants"]) == (1, 3)
    assert (found["delai_reponse"], found["temps_traitement"]) == (60, 600)
    assert found["taux_satisfaction"] == pytest.approx(2 / 3)
    assert found["taux_reponse"] == 1
    assert shown(found)["Délai de réponse au premier message"].startswith("1")


async def test_a_purchase_follows_the_last_contact_within_the_window(floor: Floor) -> None:
    await floor.tell("a", "contact_made")
    await floor.tell("a", "purchase", 7, "C-1", "100")  # the window's last instant
    await floor.tell("a", "purchase", 7.01, "C-2", "10")
    await floor.tell("b", "contact_made")
    await floor.tell("b", "contact_missed", 1, "absents")
    await floor.tell("b", "purchase", 2, "C-3", "50")
    await floor.tell("c", "contact_missed", 0, "occupés")
    await floor.tell("c", "purchase", 1, "C-4", "25.50")
    await floor.tell("c", "purchase", -1, "C-5", "1")
    await floor.tell("d", "purchase", 0, "C-6", "7", currency="EUR")
    found = await floor.count()
    assert sales(found, "ventes_apres_contact") == (1, 100)
    assert sales(found, "ventes_manquees_absents") == (1, 50)
    assert sales(found, "ventes_manquees_occupes") == (1, Decimal("25.50"))
    assert sales(found, "ventes_site") == (5, Decimal("186.50"))
    assert found["contacts"] == 2
    assert found["taux_conversion_apres_contact"] == 1
    assert found["chiffre_affaires_par_contact"] == 50
    assert found["ventes_apres_contact.panier_moyen"] == 100


async def test_turnover_is_what_is_left_after_refunds_and_corrections(floor: Floor) -> None:
    await floor.tell("a", "refund", -20, "R-1", "-30", context="C-1")
    await floor.tell("a", "purchase", 0, "C-1", "100")
    await floor.tell("a", "purchase_corrected", 40, "K-1", "-0.50", context="c-1")
    await floor.tell("b", "refund", 0, "R-2", "-30", context="C-1")
    assert sales(await floor.count(), "ventes_site") == (1, Decimal("69.50"))


async def test_only_visitors_who_buy_count_as_converted_by_the_site(floor: Floor) -> None:
    for who in "abc":
        await floor.tell(who, "page_visited", 0, "/")
        await floor.tell(who, "page_visited", 1, "/")
    await floor.tell("a", "purchase", 1, "C-1", "5")
    await floor.tell("z", "purchase", 1, "C-2", "5")
    assert (await floor.count())["taux_conversion_site"] == pytest.approx(1 / 3)


async def test_a_vendor_has_its_own_counted(floor: Floor) -> None:
    left, five = EventPattern("review_left"), EventPattern("review_left", "cinq étoiles")
    own = (
        Indicator("avis.laisses", "Avis laissés", EventCount(left)),
        Indicator(
            "avis.cinq", "À cinq étoiles", Ratio(EventCount(five), EventCount(left)), Shown.SHARE
        ),
        Indicator("visiteurs", "Visiteurs", LeadCount(EventPattern(PAGE_VISITED))),
    )
    for who, stars in (("a", "Cinq étoiles"), ("a", "deux étoiles"), ("b", "cinq etoiles")):
        await floor.tell(who, "review_left", subject=stars)
    async with floor.store.read() as conn:
        found = await read_indicators(conn, floor.store.dialect, NOVEMBER, "CAD", own)
    measured = Measured(date(2026, 11, 1), date(2026, 11, 30), "CAD", found)
    assert as_json(indicators_report(measured, own)) == {
        "du": "2026-11-01",
        "au": "2026-11-30",
        "devise": "CAD",
        "avis": {"laisses": 3, "cinq": pytest.approx(2 / 3)},
        "visiteurs": 0,
    }


async def planned(conn: AsyncConnection, query: Select[Any]) -> Sequence[str]:
    """How SQLite goes about it, over November."""
    given = query.params(bounds([NOVEMBER]))
    written = str(given.compile(compile_kwargs={"literal_binds": True}))
    rows = (await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")).all()
    return [row[3] for row in rows]


async def test_a_period_is_counted_by_an_index_of_its_own(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/essai.db", SystemClock())
    measures = [base for one in WITHIN_A_WEEK for base in bases(one.measure)]
    plain = tuple(one for one in measures if isinstance(one, EventCount | Mean))
    (sold, *_) = [one for one in measures if isinstance(one, Sales)]
    what = (sold.type, sold.changes, sold.latest)
    async with store.read() as conn:
        held = tuple(await measured(conn))
    assert counted(WITHIN_A_WEEK) <= set(held)
    over, after = periods_of("sqlite"), (EventPattern(CONTACT_MADE),)
    queries = (
        plain_query(plain, over, "sqlite", held),
        sales_query(what, after, over, "CAD", "sqlite", held),
    )
    try:
        for query in queries:
            async with store.read() as conn:
                plan = await planned(conn, query)
            assert any("events_measured" in step for step in plan), plan
    finally:
        await store.close()


async def test_what_a_vendor_has_counted_has_its_place_in_that_index(floor: Floor) -> None:
    own = (Indicator("avis", "Avis laissés", EventCount(EventPattern("review_left"))),)
    async with floor.store.read() as conn:
        before = await measured(conn)
    await measure(floor.store, counted(own))
    async with floor.store.read() as conn:
        held = tuple(await measured(conn))
    assert set(held) == {*before, "review_left"}
    await floor.tell("a", "review_left")
    async with floor.store.read() as conn:
        assert await read_indicators(conn, floor.store.dialect, NOVEMBER, "CAD", own) == {"avis": 1}
        if floor.store.dialect == "sqlite":
            (base,) = bases(own[0].measure)
            assert isinstance(base, EventCount)
            plan = await planned(conn, plain_query((base,), periods_of("sqlite"), "sqlite", held))
            assert any("events_measured" in step for step in plan), plan


async def test_that_index_is_built_again_for_what_it_lacks_alone(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    async def build(*types: str) -> Sequence[str]:
        caplog.clear()
        with caplog.at_level("INFO", "relance.store"):
            await measure(floor.store, types)
        return [line.partition(" : ")[2] for line in caplog.messages if " : " in line]

    # A base of an earlier release has it already; one plugin less leaves it as it is.
    assert await build(*counted(WITHIN_A_WEEK)) == await build() == []
    assert await build("review_left") == ["review_left"]
    assert await build("review_left") == []


class Reviews:
    """A vendor's."""

    relance_contract = 1

    @hookimpl
    def relance_indicators(self, host: Setup) -> Sequence[Indicator]:
        return (Indicator("avis", "Avis laissés", EventCount(EventPattern("review_left"))),)


async def test_a_server_builds_that_index_of_itself(store_url: str, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, port=0, database=store_url)
    async with running(Runtime(settings, plugins=plugins_of({"avis": Reviews()}))) as server:
        async with asyncio.timeout(60):
            while True:
                async with server.store.read() as conn:
                    if "review_left" in await measured(conn):
                        break
                await asyncio.sleep(0.02)


async def test_the_command_shows_each_indicator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = await Store.open(f"sqlite:///{tmp_path}/.relance/relance.db", SystemClock())
    try:
        bought = NewEvent("purchase", "C-1", amount=Amount(Decimal("49.90")))
        fact = Incoming("essai", Identities(email="a@b.ca"), {}, (bought,))
        await Intake(store, SystemClock()).record([fact])
        assert run(tmp_path) == 0
        shown = capsys.readouterr().out
        assert "49,9" in shown
        assert "Panier moyen du site" in shown
        assert run(tmp_path, "--json") == 0
        assert json.loads(capsys.readouterr().out)["ventes_site"] == {
            "transactions": 1,
            "chiffre_affaires": "49.9000",
            "panier_moyen": "49.9000",
        }
        assert run(tmp_path, "--du", "2026-12-02", "--au", "2026-12-01") == 2
        assert run(tmp_path, "--du", "hier") == 2
    finally:
        await store.close()


def run(folder: Path, *options: str) -> int:
    import concurrent.futures

    # The command runs a loop of its own.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(_main, ["indicateurs", str(folder), *options]).result()


def _main(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


class Vendor:
    relance_contract = 1

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    @hookimpl
    def relance_indicators(self, host: Setup) -> Sequence[Indicator]:
        return [Indicator(key, key, EventCount(EventPattern("review_left"))) for key in self.keys]


def test_an_indicator_that_cannot_be_told_is_refused_with_its_plugin() -> None:
    with pytest.raises(ContractError, match=r"avis.*minuscules"):
        plugins_of({"avis": Vendor("Avis !")}).indicators(FakeHost())


@pytest.mark.parametrize(
    "keys",
    [("avis", "avis.cinq"), ("avis.cinq", "avis"), ("avis", "avis"), ("du.jour",), *zip(RESERVED)],
)
def test_an_indicator_that_json_would_write_over_another_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(ContractError, match="notes"):
        plugins_of({"notes": Vendor(*keys)}).indicators(FakeHost())
    apart = dict(zip(("notes", "second"), map(Vendor, keys), strict=False))
    with pytest.raises(ContractError, match=list(apart)[-1]):
        plugins_of(apart).indicators(FakeHost())
    assert check_plugin(Vendor(*keys))


def test_what_the_report_says_of_itself_is_kept_for_it() -> None:
    report = indicators_report(Measured(date.min, date.max, "CAD", {}), [])
    assert tuple(column.key for column in report.columns) == RESERVED


@pytest.mark.parametrize("given", [0, 366, "sept", True, -1, "²", "7" * 5_000])
def test_a_window_that_is_no_number_of_days_is_refused(given: object) -> None:
    with pytest.raises(ConfigurationError):
        window_of(within(given))
