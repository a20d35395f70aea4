"""Reports as pages: the figures of the terminal, beside those of the time before, and as files."""

import io
import json
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.reports.performance.reading import DaySpan, number_of
from server.reports.relative_days import former
from server.runtime import Runtime
from server.web.period import period, presets
from tests.http.conftest import Site, running
from tests.web.test_interface import NAMED, SCRIPT, plain, settled
from tests.whole import lay_out, saving

TODAY = date(2026, 11, 29)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A campaign of a hostile name, counted over sixty days: twice as many entries in the last thirty."""
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, Runtime(settings).plugins) as opened:
        await opened.post("Infolettre", data={"courriel": "a@exemple.ca"})
        await count(opened)
        yield opened


async def count(site: Site) -> None:
    today = site.runtime.clock.now().astimezone(site.runtime.settings.zone).date()
    rows = []
    for ago in range(1, 61):
        day, n = number_of(today) - ago, 2 if ago < 30 else 1
        rows += [(1, "entered", day, 1, "", n), (1, "left", day, 1, "success", n)]
        rows += [(1, "left", day, 1, "finished", n), (1, "succeeded", day, 1, "", n)]
        rows += [(0, "lead", day, 0, "", n), (1, "message sent", day, 0, NAMED, n)]
        rows += [(0, "each message sent", day, 0, NAMED, n)]
        rows += [(0, "house entered", day, 0, "", n), (0, "house left", day, 0, "success", n)]
        rows += [(0, "house left", day, 0, "finished", n), (0, "house message sent", day, 0, "", n)]
    async with site.runtime.store.write() as conn:
        for campaign, kind, day, version, subject, n in rows:
            await conn.exec_driver_sql(
                "INSERT INTO counters VALUES (?, ?, ?, ?, 0, ?, '', ?, 0)",
                (campaign, kind, day, version, subject, n),
            )


async def test_a_figure_stands_above_what_it_was_before_and_is_that_of_the_files(
    site: Site,
) -> None:
    today = site.runtime.clock.now().astimezone(site.runtime.settings.zone).date()
    page = await site.client.get(f"/rapports/maison?du={today - timedelta(days=26)}&au={today}")
    assert page.status_code == 200
    # Of twenty-seven days, which are no month: all of two but today's one, beside three of two.
    assert "Entrées 53 30 avant, +77 %" in plain(page.text)
    assert "Réussies 52 30 avant, +73 %" in plain(page.text)
    assert page.text.count('class="before"') >= 3, "the course of before is drawn"
    whole = json.loads((await site.client.get("/rapports/maison/tout.json")).text)
    assert whole["resume"]["entrees"] == 59
    book = load_workbook(io.BytesIO((await site.client.get("/rapports/maison/tout.xlsx")).content))
    assert len(book.sheetnames) == len(whole)
    sheet = await site.client.get("/rapports/maison/cours.csv")
    assert len(sheet.text.splitlines()) == 31
    for wrong in ("cours.pdf", "rien.csv", "tout.csv", "cours"):
        assert (await site.client.get(f"/rapports/maison/{wrong}")).status_code == 404, wrong


async def test_the_period_is_in_the_address_and_what_is_wrong_is_said_beside_it(
    site: Site,
) -> None:
    home = (await site.client.get("/rapports?du=2020-01-01&au=2020-01-31")).text
    assert 'href="/rapports/maison?du=2020-01-01&amp;au=2020-01-31"' in home
    assert "du 1er déc. 2019 au 31 déc. 2019" in plain(home)
    reversed_ = await site.client.get("/rapports/maison?du=2026-02-01&au=2026-01-01")
    assert (reversed_.status_code, "échangez-les" in reversed_.text) == (422, True)
    unknown = await site.client.get("/rapports/liste?nom=%3Ci%3Erien")
    assert unknown.status_code == 422
    assert "Il n’y a pas de liste" in plain(unknown.text)
    assert 'value="&lt;i&gt;rien"' in unknown.text, "what was typed is kept"
    assert "<i>rien" not in unknown.text


async def test_rates_of_few_people_are_withheld_on_pages_and_told_in_files(site: Site) -> None:
    few = plain((await site.client.get("/rapports/campagnes")).text)
    assert "trop tôt" not in few, "a hundred and sixteen left"
    today = site.runtime.clock.now().astimezone(site.runtime.settings.zone).date()
    week = f"du={today - timedelta(days=6)}&au={today}"
    page = await site.client.get(f"/rapports/campagnes?{week}")
    assert "trop tôt" in plain(page.text)
    (line,) = json.loads((await site.client.get(f"/rapports/campagnes/tout.json?{week}")).text)
    assert line["taux_reussite"] == 0.5


async def test_every_report_is_shown_and_hostile_names_are_only_words(site: Site) -> None:
    home = (await site.client.get("/rapports")).text
    for path in sorted(set(re.findall(r'href="(/rapports/\w+)\?', home))):
        shown = await site.client.get(path)
        assert shown.status_code == 200, path
        assert NAMED not in shown.text, path
        assert "7*7" in shown.text or path not in ("/rapports/campagnes", "/rapports/message")
    meanings = plain((await site.client.get("/rapports/indicateurs?par=mois")).text)
    assert "les notes de 4 ou 5, sur toutes celles données" in meanings
    chosen = await site.client.get("/rapports/indicateurs?campagne=Ailleurs")
    assert (chosen.status_code, "<option selected>Ailleurs</option>" in chosen.text) == (422, True)


async def test_who_is_in_a_campaign_is_a_click_away_from_the_report(site: Site) -> None:
    await settled(site, "SELECT count(*) FROM enrolments WHERE active", 1)
    shown = await site.client.get("/rapports/presents", params={"campagne": NAMED})
    (lead,) = re.findall(r'<a href="/leads/(\d+)">\1</a>', shown.text)
    assert (await site.client.get(f"/leads/{lead}")).status_code == 200


def test_a_period_is_followed_back_by_as_long_a_one_and_whole_months_by_whole_months() -> None:
    assert period({}, TODAY) == (DaySpan(date(2026, 10, 31), TODAY), "")
    assert former(DaySpan(date(2026, 11, 10), date(2026, 11, 12))) == DaySpan(
        date(2026, 11, 7), date(2026, 11, 9)
    )
    assert former(DaySpan(date(2026, 3, 1), date(2026, 3, 31))) == DaySpan(
        date(2026, 2, 1), date(2026, 2, 28)
    )
    assert former(DaySpan(date(2026, 1, 1), date(2026, 12, 31))) == DaySpan(
        date(2025, 1, 1), date(2025, 12, 31)
    )
    assert period({"du": "hier", "au": "2026-02-31"}, TODAY)[0].last == TODAY
    assert period({"du": "2000-01-01"}, TODAY)[1] == "Choisissez trois ans au plus."


def test_of_two_periods_of_the_same_days_the_one_that_was_chosen_is_marked_alone() -> None:
    today = date(2026, 11, 30)  # this month is the last thirty days
    days, _ = period({}, today)
    for said, marked in (({}, "30-jours"), ({"periode": "ce-mois"}, "ce-mois")):
        (one,) = [one for one in presets(today, days, said) if one.current]
        assert one.named == f"periode={marked}"
    other = DaySpan(date(2026, 11, 2), today)
    assert not any(one.current for one in presets(today, other, {"periode": "ce-mois"}))
