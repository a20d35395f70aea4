"""What a file makes of leads, on both stores."""

import asyncio
from datetime import date, timedelta

import pytest

from dsl.program import END, Act, Trigger
from relance.effects import AddTag
from relance.facts import Compare, Field, InList, Leaf, Literal
from relance.host import Identities, Incoming
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator
from server.housekeeping import sweep
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder, mark_of
from server.imports.people import People
from server.imports.run import Import
from server.imports.sheet import BadFile
from server.imports.trial import attempt
from server.imports.upsert import UpsertTally
from server.intake.intake import Intake
from server.store.instants import now_micros
from server.store.store import Store
from tests.engine.world import HERE, World, on, program
from tests.imports.conftest import Desk

pytestmark = pytest.mark.asyncio


async def test_known_leads_are_corrected_the_others_created_and_an_empty_cell_changes_nothing(
    desk: Desk,
) -> None:
    assert await desk.bring(
        "courriel;prénom;ville;date de naissance\n"
        "a@example.com;Aline;Laval;29/02/1980\nb@example.com;Bob;;\n"
    ) == UpsertTally(created=2)
    tally = await desk.bring(
        "E-mail;Prenom;Ville\nA@example.com;;Québec\nb@example.com;Bob;\nc@example.com;Carl;\n"
    )
    assert tally == UpsertTally(created=1, updated=1, unchanged=1)
    rows = await desk.rows(
        "SELECT f_courriel, f_prenom, f_ville, f_date_de_naissance FROM leads ORDER BY id"
    )
    assert [tuple(map(str, row)) for row in rows] == [
        ("a@example.com", "Aline", "Québec", str(date(1980, 2, 29))),
        ("b@example.com", "Bob", "None", "None"),
        ("c@example.com", "Carl", "None", "None"),
    ]


async def test_each_row_refused_says_its_line_and_its_reason_and_stops_no_other(desk: Desk) -> None:
    await desk.store.declare_fields([("taille", "choix", ("P", "G")), ("vip", "oui/non", ())])
    tally = await desk.bring(
        "courriel;tél;taille;vip\n"
        "a@example.com;514 555-0123;p;oui\n"
        "pas-une-adresse;;;\n"
        ";514 555-0124;;\n"
        "d@example.com;12;;\n"
        "e@example.com;;XL;\n"
        "f@example.com;;;peut-être\n"
    )
    assert tally == UpsertTally(created=1, rejected=5)
    reasons = await desk.rejects()
    assert list(reasons) == [3, 4, 5, 6, 7]
    assert "adresse de courriel" in reasons[3]
    assert reasons[4] == "le champ «\u00a0courriel\u00a0» est vide"
    assert "téléphone" in reasons[5]
    assert "choix" in reasons[6]
    assert await desk.rows("SELECT f_taille FROM leads") == [("P",)]


async def test_a_lead_written_twice_in_a_file_is_one_lead(desk: Desk) -> None:
    lines = "".join(f"a@example.com;V{n}\n" for n in range(8))
    tally = await desk.bring("courriel;ville\n" + lines, batch=3)
    assert tally.created == 1
    assert tally.rows == 8
    assert await desk.rows("SELECT f_ville FROM leads") == [("V7",)]


async def test_a_file_settled_is_not_brought_in_again(desk: Desk) -> None:
    first = await desk.bring("courriel\na@example.com\n", lists=("Infolettre",))
    await desk.do("DELETE FROM list_members")
    assert await desk.bring("courriel\na@example.com\n", lists=("Infolettre",)) == first
    assert await desk.rows("SELECT * FROM list_members") == []


async def test_lists_and_tags_are_told_once_for_those_who_were_not_there(desk: Desk) -> None:
    order = {"lists": ("Infolettre",), "tags": ("Salon 2026",)}
    await desk.bring("courriel\na@example.com\n", **order)
    await desk.bring("courriel\nb@example.com\na@example.com\n", **order)
    counts = "SELECT type, subject, count(*) FROM events WHERE type <> 'lead_updated' GROUP BY 1, 2"
    assert sorted(await desk.rows(counts)) == [
        ("list_added", "Infolettre", 2),
        ("tag_added", "Salon 2026", 2),
    ]
    assert await desk.rows("SELECT key, name FROM lists") == [("infolettre", "Infolettre")]


async def test_campaigns_hear_nothing_unless_asked(desk: Desk) -> None:
    await desk.bring("courriel\na@example.com\n", lists=("Infolettre",))
    assert await desk.rows("SELECT count(*) FROM inbox") == [(0,)]
    await desk.bring("courriel\nb@example.com\n", lists=("Infolettre",), heard=True)
    assert (await desk.rows("SELECT count(*) FROM inbox"))[0][0] >= 1


async def test_those_who_wait_in_a_campaign_are_looked_at_again(desk: Desk) -> None:
    await desk.bring("courriel;ville\na@example.com;Laval\nb@example.com;Laval\n")
    for lead in (1, 2):
        await desk.do(
            "INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, "
            "moves, entered_at, since_at, since_event) VALUES (:lead, 1, 1, 1, true, 0, 1, 1, 1, 1)",
            lead=lead,
        )
        await desk.do("INSERT INTO waits VALUES (:lead, 'lead_updated', 1, 1)", lead=lead)
    await desk.bring("courriel;ville\na@example.com;Québec\nb@example.com;Laval\n")
    woken = await desk.rows("SELECT lead_id FROM enrolments WHERE wake_at IS NOT NULL")
    assert woken == [(1,)]


async def test_the_rules_of_identity_are_the_intake_s(desk: Desk) -> None:
    """The anonymous lead of a telephone joins; a telephone two people share stays the first's."""
    intake = Intake(desk.store, VirtualClock())
    await intake.record([Incoming("test", Identities(phone="514 555-0123"), {"ville": "Laval"})])
    tally = await desk.bring(
        "courriel;téléphone\na@example.com;514 555-0123\nb@example.com;514 555-0123\n"
    )
    assert tally == UpsertTally(created=1, updated=1)
    assert await desk.rows("SELECT f_courriel, f_ville FROM leads ORDER BY id") == [
        ("a@example.com", "Laval"),
        ("b@example.com", None),
    ]
    owner = await desk.rows("SELECT lead_id FROM identities WHERE kind = 'phone'")
    assert owner == [(1,)]


async def test_two_leads_found_to_be_one_are_merged(desk: Desk) -> None:
    intake = Intake(desk.store, VirtualClock())
    await intake.record([Incoming("t", Identities(phone="514 555-0123"), {"ville": "Laval"})])
    await intake.record([Incoming("t", Identities(email="a@example.com"), {"prénom": "Aline"})])
    await desk.bring("courriel;tél\na@example.com;514 555-0123\n")
    rows = await desk.rows("SELECT f_prenom, f_ville FROM leads WHERE merged_into IS NULL")
    assert rows == [("Aline", "Laval")]


async def test_leads_are_known_by_telephone_when_asked(desk: Desk) -> None:
    order = {"key": "téléphone"}
    await desk.bring("tél;ville\n514 555-0123;Laval\n", **order)
    tally = await desk.bring("tél;ville\n(514) 555-0123;Québec\n;Gaspé\n", **order)
    assert tally == UpsertTally(updated=1, rejected=1)


async def test_leads_are_known_by_a_key_of_the_project_s_own(desk: Desk) -> None:
    await desk.store.declare_fields([("numéro client", "texte", ())])
    order = {"key": "Numéro client"}
    await desk.bring("numéro client;courriel;ville\nC1;a@example.com;Laval\nC2;;Gaspé\n", **order)
    tally = await desk.bring(
        "numéro client;courriel;ville\n"
        "C1;a@example.com;Québec\n"
        "C2;c2@example.com;Gaspé\n"
        "C3;a@example.com;Rimouski\n"
        "C1;autre@example.com;Rimouski\n",
        **order,
    )
    reasons = await desk.rejects()
    assert tally.updated == 2
    assert list(reasons) == [4, 5]
    assert await desk.rows(
        "SELECT f_numero_client, f_courriel, f_ville FROM leads ORDER BY id"
    ) == [
        ("C1", "a@example.com", "Québec"),
        ("C2", "c2@example.com", "Gaspé"),
    ]


async def test_a_file_without_the_column_that_tells_leads_apart_is_refused(desk: Desk) -> None:
    with pytest.raises(BadFile, match="Aucune colonne ne donne"):
        await desk.bring("prénom\nAline\n")


async def test_a_try_tells_what_an_import_then_does_and_writes_nothing(desk: Desk) -> None:
    await desk.bring("courriel;ville\na@example.com;Laval\nb@example.com;Laval\n")
    text = "courriel;ville\na@example.com;Québec\nb@example.com;Laval\nc@example.com;X\n"
    text += "zut;\nc@example.com;Y\n"
    path = desk.folder / "essai.csv"
    path.write_text(text, encoding="utf-8")
    sheet = open_sheet(path)
    people = People(sheet.heading.names, desk.store.fields, ImportOrder(), "CA")
    before = await desk.rows("SELECT f_courriel, f_ville FROM leads ORDER BY id")
    trial = await attempt(
        desk.store.read, desk.store.fields, sheet, people, now=now_micros(desk.clock)
    )
    sheet.close()
    assert await desk.rows("SELECT f_courriel, f_ville FROM leads ORDER BY id") == before
    assert trial.tally == await desk.bring(path, batch=100)
    assert [one.line for one in trial.rejects] == [5]


async def test_cut_short_anywhere_it_goes_on_after_the_last_row_settled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.folder / "coupe.csv"
    lines = "".join(f"a{n}@example.com;V\n" if n % 5 else "zut;V\n" for n in range(40))
    path.write_text("courriel;ville\n" + lines, encoding="utf-8")

    class Cut(Exception):
        pass

    for at in ("import.before_commit", "import.after_commit"):
        passed = 0

        def point(name: str, at: str = at) -> None:
            nonlocal passed
            passed += name == at
            if passed == 3:
                raise Cut

        monkeypatch.setattr("server.imports.run.crash_point", point)
        with pytest.raises(Cut):
            await desk.bring(path, batch=4, tags=(at,))
        monkeypatch.undo()
        tally = await desk.bring(path, batch=4, tags=(at,))
        assert (tally.rows, tally.rejected) == (40, 8)
        assert len(await desk.rejects()) == 8
        assert await desk.rows("SELECT count(*) FROM leads") == [(32,)]
        tagged = "SELECT count(*) FROM events WHERE type = 'tag_added' AND subject = :tag"
        assert await desk.rows(tagged, tag=at) == [(32,)]


async def test_forms_get_in_while_a_file_is_brought_in(
    store: Store, clock: VirtualClock, desk: Desk
) -> None:
    intake = Intake(store, clock)
    path = desk.folder / "beaucoup.csv"
    path.write_text("courriel\n" + "".join(f"a{n}@example.com\n" for n in range(600)))
    sheet = open_sheet(path)
    people = People(sheet.heading.names, store.fields, ImportOrder(), "CA")
    work = Import(store, clock, sheet, people, batch=50)
    bringing = asyncio.create_task(work.run(mark_of(path, ImportOrder()), "x"))
    for n in range(10):
        await intake.record([Incoming("t", Identities(email=f"a{n}@example.com"))])
    await bringing
    sheet.close()
    assert await desk.rows("SELECT count(*) FROM leads") == [(600,)]


async def test_after_a_quiet_import_lists_follow_and_state_triggers_let_nobody_in(
    store: Store, clock: VirtualClock, desk: Desk
) -> None:
    world = World(store, clock)
    here = Compare(Field("ville"), Comparator.EQUAL, Literal("Laval"))
    lavallois = Leaf(Said("Champ lead (ville) est égal à (Laval)"), here)
    entries = (
        Trigger(HERE, condition=lavallois),
        Trigger(HERE, condition=Leaf(Said("Membre"), InList("Lavallois"))),
        on("list_added", "Lavallois"),
    )
    tag = Act("a", HERE, (AddTag("Entré"),), END)
    await world.publish(program(tag, entries=entries), lists={"Lavallois": lavallois})
    await world.settle()
    await desk.bring("courriel;ville\na@example.com;Laval\nb@example.com;Gaspé\n")
    await world.engine.take_stock()
    await world.settle()
    members = "SELECT lead_id FROM list_members WHERE list_key = 'lavallois'"
    assert await desk.rows(members) == [(1,)]
    await desk.bring("courriel;ville\na@example.com;Gaspé\nb@example.com;Laval\n")
    await world.engine.take_stock()
    await world.settle()
    assert await desk.rows(members) == [(2,)]
    assert await desk.rows("SELECT * FROM lead_tags") == []
    assert await desk.rows("SELECT * FROM events WHERE type LIKE 'list_%'") == []
    intake = Intake(store, clock)
    await intake.record([Incoming("t", Identities(email="b@example.com"), {"prénom": "Bob"})])
    await world.settle()
    assert await desk.rows("SELECT * FROM lead_tags") == []


async def test_what_was_refused_is_forgotten_after_a_month_the_import_is_not(
    desk: Desk, clock: VirtualClock
) -> None:
    await desk.bring("courriel\nzut\n")
    await sweep(desk.store, clock)
    assert len(await desk.rejects()) == 1
    clock.advance(timedelta(days=31))
    await sweep(desk.store, clock)
    assert await desk.rejects() == {}
    assert (await desk.bring("courriel\nzut\n")).rejected == 1


async def test_a_heard_import_tells_what_the_intake_tells(desk: Desk) -> None:
    """Lists and campaigns wait for the same events whoever brings the lead."""
    intake = Intake(desk.store, VirtualClock())
    await intake.record([Incoming("t", Identities(phone="514 555-0123"), {"ville": "Laval"})])
    await intake.record([Incoming("t", Identities(email="a@example.com"), {"prénom": "Aline"})])
    await desk.do("DELETE FROM inbox")
    await desk.bring("courriel;tél\na@example.com;514 555-0123\nb@example.com;\n", heard=True)
    pending = await desk.rows("SELECT lead_id, type FROM inbox ORDER BY id")
    assert (2, "lead_merged") in pending or (1, "lead_merged") in pending
    assert (3, "lead_created") in pending
    assert (3, "lead_updated") in pending


@pytest.mark.parametrize("rounded", ["2,00235E+11", "2.00235E+11", "2,00235e+11", "5,14555E+09"])
@pytest.mark.parametrize("column", ["téléphone", "ville"])
async def test_a_number_a_spreadsheet_rounded_is_refused_with_what_to_do(
    desk: Desk, rounded: str, column: str
) -> None:
    tally = await desk.bring(f'courriel;{column}\na@b.ca;"{rounded}"\nc@d.ca;\n')
    assert (tally.created, tally.rejected) == (1, 1)
    reason = (await desk.rejects())[2]
    assert "arrondi par le tableur" in reason
    assert "« Texte »" in reason.replace("\u00a0", " ")


async def test_two_columns_of_tags_or_lists_both_count(desk: Desk) -> None:
    await desk.bring("courriel;étiquettes;tags;liste;listes\na@b.ca;VIP;Vélo | VIP;Un;Deux\n")
    assert {row[0] for row in await desk.rows("SELECT name FROM lead_tags")} == {"VIP", "Vélo"}
    assert {row[0] for row in await desk.rows("SELECT name FROM lists")} == {"Un", "Deux"}
