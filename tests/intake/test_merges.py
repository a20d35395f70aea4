"""Two leads found to be one."""

import pytest

from tests.intake.conftest import VISITOR, Desk


async def _two(desk: Desk) -> tuple[int, int]:
    anonymous = await desk.bring(visitor=VISITOR, event="avant")
    known = await desk.bring(email="aline@exemple.ca", fields={"ville": "Lévis"}, event="connue")
    return anonymous.lead_id, known.lead_id


async def _join(desk: Desk) -> None:
    await desk.bring(email="aline@exemple.ca", visitor=VISITOR, event="ensemble")


async def test_the_known_lead_gets_all_and_keeps_what_it_had(desk: Desk) -> None:
    anonymous, known = await _two(desk)
    await desk.do(
        "UPDATE leads SET score = 5, f_ville = 'Québec', f_prenom = 'Aline' WHERE id = :i",
        i=anonymous,
    )
    await desk.do("UPDATE leads SET score = 7 WHERE id = :i", i=known)
    for lead, since in ((anonymous, 1), (known, 2)):
        await desk.do("INSERT INTO list_members VALUES (:i, 'clients', :s)", i=lead, s=since)
    await desk.do("INSERT INTO list_members VALUES (:i, 'visiteurs', 3)", i=anonymous)
    await desk.do("INSERT INTO lead_tags VALUES (:i, 'vip', 'VIP', 3)", i=anonymous)
    await _join(desk)
    row = await desk.fields(known)
    assert (row.score, row.f_ville, row.f_prenom) == (12, "Lévis", "Aline")
    assert sorted(await desk.subjects(known)) == ["avant", "connue", "ensemble"]
    lists = await desk.rows("SELECT lead_id, list_key FROM list_members ORDER BY list_key")
    assert [tuple(one) for one in lists] == [(known, "clients"), (known, "visiteurs")]
    assert [tuple(one) for one in await desk.rows("SELECT lead_id, tag_key FROM lead_tags")] == [
        (known, "vip")
    ]
    gone = await desk.fields(anonymous)
    assert (gone.merged_into, gone.score) == (known, 0)
    owners = await desk.rows("SELECT DISTINCT lead_id FROM identities")
    assert [one[0] for one in owners] == [known]


async def test_a_merge_tells_that_the_lead_changed(desk: Desk) -> None:
    _, known = await _two(desk)
    before = await desk.rows(
        "SELECT id FROM events WHERE type = 'lead_updated' AND lead_id = :i", i=known
    )
    await _join(desk)
    after = await desk.rows(
        "SELECT id FROM events WHERE type = 'lead_updated' AND lead_id = :i", i=known
    )
    assert len(after) == len(before) + 1


async def test_entries_go_on_counting_from_the_known_leads_last(desk: Desk) -> None:
    anonymous, known = await _two(desk)
    await desk.enrol(known, entry=1, active=False)
    await desk.enrol(known, entry=2, active=False)
    await desk.enrol(anonymous, entry=1, active=False)
    await desk.enrol(anonymous, entry=2, active=True)
    await desk.enrol(anonymous, campaign=9, entry=1, active=True)
    await desk.do("INSERT INTO waits VALUES (:i, 'custom', 1, 2)", i=anonymous)
    await _join(desk)
    found = await desk.rows(
        "SELECT lead_id, campaign_id, entry, active FROM enrolments ORDER BY 2, 3"
    )
    assert [(one[0], one[1], one[2], bool(one[3])) for one in found] == [
        (known, 1, 1, False),
        (known, 1, 2, False),
        (known, 1, 3, False),
        (known, 1, 4, True),
        (known, 9, 1, True),
    ]
    journal = await desk.rows("SELECT lead_id, campaign_id, entry FROM journal ORDER BY 2, 3")
    assert [tuple(one) for one in journal] == [(known, 1, n) for n in (1, 2, 3, 4)] + [
        (known, 9, 1)
    ]
    assert [tuple(one) for one in await desk.rows("SELECT lead_id, entry FROM waits")] == [
        (known, 4)
    ]


@pytest.mark.parametrize("anonymous_first", [True, False])
async def test_in_one_campaign_twice_the_older_stays(desk: Desk, anonymous_first: bool) -> None:
    anonymous, known = await _two(desk)
    early, late = (anonymous, known) if anonymous_first else (known, anonymous)
    await desk.enrol(early, entered_at=1_000)
    await desk.enrol(late, entered_at=2_000, moves=1)
    await desk.do("INSERT INTO waits VALUES (:i, 'custom', 1, 1)", i=late)
    await desk.do(
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
        "created_at, due_at) VALUES (:i, 1, 1, 1, 0, 'email', 'Bonjour', 'pending', 1, 1)",
        i=late,
    )
    await _join(desk)
    found = await desk.rows(
        "SELECT lead_id, entered_at, active, outcome FROM enrolments ORDER BY entered_at"
    )
    assert [(one[0], one[1], bool(one[2]), one[3]) for one in found] == [
        (known, 1_000, True, None),
        (known, 2_000, False, "merged"),
    ]
    assert not await desk.rows("SELECT * FROM waits")
    assert [one[0] for one in await desk.rows("SELECT state FROM outbox")] == ["cancelled"]
    left = await desk.rows("SELECT move FROM journal WHERE kind = 'left'")
    assert [one[0] for one in left] == [2]


async def test_a_message_under_way_keeps_its_key(desk: Desk) -> None:
    anonymous, _known = await _two(desk)
    await desk.enrol(anonymous)
    await desk.do(
        "INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state, "
        "created_at, due_at, attempts) VALUES (:i, 1, 1, 1, 0, 'sms', 'Bonjour', 'sending', 1, 1, 1)",
        i=anonymous,
    )
    await _join(desk)
    assert [one[0] for one in await desk.rows("SELECT lead_id FROM outbox")] == [anonymous]


async def test_two_anonymous_leads_join_a_third_at_once(desk: Desk) -> None:
    anonymous, known = await _two(desk)
    by_phone = (await desk.bring(phone="514 555-0199", event="téléphone")).lead_id
    await desk.enrol(anonymous, active=False)
    await desk.enrol(by_phone, active=True)
    await desk.bring(email="aline@exemple.ca", phone="514 555-0199", visitor=VISITOR)
    entries = await desk.rows("SELECT lead_id, entry FROM enrolments ORDER BY entry")
    assert [tuple(one) for one in entries] == [(known, 1), (known, 2)]
    assert len(await desk.subjects(known)) == 3


async def test_merged_events_stay_to_be_handled(desk: Desk) -> None:
    _, known = await _two(desk)
    await _join(desk)
    waiting = await desk.rows("SELECT DISTINCT lead_id FROM inbox")
    assert [one[0] for one in waiting] == [known]
