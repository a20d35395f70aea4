"""« répartir »: shares that change move as few leads as may be, and the publisher is redraw how many."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.program import END, Act, Reentry, Share, Split
from relance.effects import Send
from server.engine.publication.inheritance import inheriting, known
from server.engine.publication.project import ProgramSource, Project
from server.engine.publication.redrawing import moved, pieces
from server.reports.redraws import redraws
from tests.engine.world import HERE, World, program


def split(**parts: int) -> Split:
    upto, shares = 0, []
    for at, (name, part) in enumerate(parts.items(), 1):
        upto += part * 100
        shares.append(Share(name, upto, at))
    return Split("s", HERE, "essai/objet", tuple(shares))


def lost(old: Split, new: Split) -> int:
    """What shares of the same name lost: no fewer draws can change."""
    size = []
    for each in (old, new):
        ends = [0, *(one.upto for one in each.shares)]
        names = [one.name for one in each.shares]
        size.append(dict(zip(names, (end - at for at, end in pairwise(ends)), strict=True)))
    return sum(max(0, part - size[1].get(name, 0)) for name, part in size[0].items())


def changing(old: Split, new: Split) -> int:
    return sum(end - start for start, end in moved(old, new))


PARTS = st.lists(st.integers(0, 100), min_size=1, max_size=3).map(
    lambda cuts: [end - start for start, end in pairwise([0, *sorted(cuts), 100])]
)


@given(st.lists(st.tuples(PARTS, st.permutations("ABCD")), min_size=2, max_size=5))
def test_however_shares_are_edited_no_draw_changes_but_those_that_shares_lost(edits: list) -> None:
    now = None
    for parts, names in edits:
        new = split(**dict(zip(names, parts, strict=False)))
        if now is not None:
            new = replace(new, pieces=pieces(now, new))
            assert new.dealt[-1].upto == 10_000
            kept = {one.name for one in now.shares} & {one.name for one in new.shares}
            if len(kept) == min(len(now.shares), len(new.shares)):  # nothing taken for renamed
                assert changing(now, new) == lost(now, new)
        now = new


@pytest.mark.parametrize(
    ("new", "changed"),
    [
        (split(A=50, B=50), 0),
        (split(B=50, A=50), 0),
        (split(A=60, B=40), 1_000),
        (split(A=34, B=33, C=33), 3_300),
        (split(C=33, A=34, B=33), 3_300),
        (split(A=50, Renommée=50), 0),
        (split(A=100), 5_000),
    ],
)
def test_no_more_draws_change_than_shares_lost(new: Split, changed: int) -> None:
    old = split(A=50, B=50)
    assert changing(old, replace(new, pieces=pieces(old, new))) == changed


async def test_who_drew_a_share_draws_it_again_and_the_publisher_is_told_of_the_others(
    world: World,
) -> None:
    def campaign(one: Split) -> ProgramSource:
        sends = [Act(each.name, HERE, (Send("email", each.name),), END) for each in one.shares]
        return ProgramSource(program(one, *sends, reentry=Reentry.AFTER_EXIT))

    async def drew() -> dict[int, str]:
        for lead in leads:
            await world.event(lead)
        await world.settle()
        return {lead: (await world.sent(lead))[-1] for lead in leads}

    await world.engine.publish(Project([campaign(split(A=50, B=50))]))
    leads = [await world.lead() for _ in range(40)]
    before = await drew()
    project = Project([campaign(split(A=30, C=30, B=40))])
    async with world.store.read() as conn:
        (redraw,) = await redraws(conn, inheriting(project, await known(conn)))
    await world.engine.publish(project)
    after = await drew()
    changed = [lead for lead in leads if before[lead] != after[lead]]
    assert {after[lead] for lead in changed} == {"C"}
    assert (redraw.changing, redraw.drew, redraw.share) == (len(changed), 40, 0.3)
    await world.engine.publish(project)
    assert await drew() == after
