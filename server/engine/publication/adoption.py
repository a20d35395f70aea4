"""What an earlier release published, known from now on by what it says.

Migration 0024 left digests where statements, draws and rules had their words for names. Compiled again,
the same texts say what each is: a version that does the same is told in the new way where it stands, so
that nothing is published again and those inside go on where they are; a draw or a rule keeps what it was
worth (`server.engine.publication.inheritance`). What no longer compiles, or to something else, runs on
as it was stored.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update

from dsl.program import Program
from dsl.program_codec import codec, content_hash, doing, from_json, to_json
from dsl.project import Checked, CheckedProgram
from dsl.rules import Conversion, PointRule
from relance.codec import contract
from relance.errors import RelanceError
from relance.facts import Condition
from relance.fold import key_of
from server.daemon_thread import in_daemon_thread
from server.engine.lists import declared
from server.engine.publication import inheritance
from server.engine.publication.inheritance import drawn_as, ruled, salts
from server.engine.publication.live import live_versions
from server.engine.seed import GIVEN, digest_of
from server.store.schema.campaigns import versions
from server.store.schema.rules import dynamic_lists, seeds, standing_rules
from server.store.schema.server import server_settings
from server.store.store import Store

log = logging.getLogger("relance.rules")

#: Said in `server_settings` while it is to be done.
MARK = "identities"
#: Compiles what is published, some of its scripts by name amended.
Compile = Callable[[Mapping[str, str]], Checked]
Rule = PointRule | Conversion
T = TypeVar("T")
#: Former texts of one file that are compiled again.
_MOST = 50


@dataclass(slots=True)
class _Stored:
    """What the store holds: versions that live, rules and lists."""

    versions: Sequence[Any]
    rules: Sequence[Any]
    lists: Sequence[Any]


@dataclass(slots=True)
class _Adopted:
    """The same, told in the new way and drawn as it was; what is not among it stays as it is."""

    #: For what is published next: each identity, by its digest, and what it is worth.
    seeds: dict[str, str] = field(default_factory=dict)
    versions: dict[int, Program] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)
    lists: dict[int, Condition] = field(default_factory=dict)
    #: Whether all that is published compiled.
    whole: bool = False

    def keep(self, identity: str, former: str) -> None:
        """Note what an identity stands for; the first to say it, who is published last, is right."""
        self.seeds.setdefault(digest_of(identity).hex(), former)

    def same(self, old: object, new: T) -> T | None:
        """The new one, drawn as the old one was; None unless both do the same."""
        if doing(old) != doing(new):
            return None
        for former, identity in zip(salts(old), salts(new), strict=True):
            self.keep(identity, former)
        return drawn_as(new, old)


async def adopt(store: Store, compile_: Compile) -> None:
    """Do it once, if a migration left it to be done."""
    async with store.read() as conn:
        row = server_settings.c.name == MARK
        if await conn.scalar(select(server_settings.c.name).where(row)) is None:
            return
        open_ = live_versions().add_columns(versions.c.source)
        stored = _Stored(
            (await conn.execute(open_)).all(),
            (await conn.execute(select(standing_rules).order_by(standing_rules.c.position))).all(),
            (await conn.execute(select(dynamic_lists))).all(),
        )
    try:
        adopted = await in_daemon_thread(_compared, stored, compile_)
    except RelanceError as error:  # it is done when what is published next compiles
        log.warning("ce qui est publié n’a pas pu être relu : %s", error)
        return
    await _write(store, adopted)
    log.info(
        "ce qui est publié est relu : %d version(s) sur %d",
        len(adopted.versions),
        len(stored.versions),
    )


def _compared(stored: _Stored, compile_: Compile) -> _Adopted:
    adopted = _Adopted()
    checked = compile_({})
    files = {key: one.file for one in checked.programs for key in _keys(one)}
    _rules(stored.rules, (*checked.points, *checked.conversions), adopted)
    _lists(stored.lists, {key_of(one.name): one.condition for one in checked.lists}, adopted)
    _versions([row for row in stored.versions if row.open], checked.programs, adopted)
    adopted.whole = checked.ok
    # Versions of before: what their script said then, among the others as they are, the last first.
    left = [row for row in stored.versions if row.id not in adopted.versions and row.key in files]
    former: dict[str, list[str]] = defaultdict(list)
    for row in sorted(left, key=lambda row: row.id, reverse=True):
        if row.source not in former[files[row.key]]:
            former[files[row.key]].append(row.source)
    for turn in range(min(_MOST, max(map(len, former.values()), default=0))):
        amended = {file: several[turn] for file, several in former.items() if turn < len(several)}
        rows = [row for row in left if amended.get(files[row.key]) == row.source]
        _versions(rows, compile_(amended).programs, adopted)
    return adopted


def _keys(one: CheckedProgram) -> Iterable[str]:
    return map(key_of, (*one.former, one.program.name))


def _versions(rows: Iterable[Any], programs: Sequence[CheckedProgram], adopted: _Adopted) -> None:
    by_key = {key: one.program for one in programs for key in _keys(one)}
    for row in rows:
        try:
            old, new = from_json(row.program), by_key.get(row.key)
        except ValueError:  # of a vendor's release that is gone: it was no more readable before
            continue
        if new is not None and (same := adopted.same(old, new)) is not None:
            adopted.versions[row.id] = same


def _rules(rows: Sequence[Any], compiled: Sequence[Rule], adopted: _Adopted) -> None:
    alike: dict[str, deque[Rule]] = defaultdict(deque)
    for each in compiled:
        alike[doing(each)].append(each)
    for row in rows:
        old: Rule = codec.from_json(row.rule)
        if not alike[doing(old)]:
            continue
        new = alike[doing(old)].popleft()
        adopted.same(old, new)
        adopted.keep(new.trigger.key, old.trigger.key)
        if isinstance(new, PointRule) and isinstance(old, PointRule):
            adopted.keep(new.key, old.key)
        adopted.rules[row.position] = new


def _lists(rows: Sequence[Any], conditions: Mapping[str, Condition], adopted: _Adopted) -> None:
    for row in rows:
        new = conditions.get(row.key)
        if new is None:
            continue
        same = adopted.same(contract.from_json(row.condition), _stripped(new))
        if same is not None:
            adopted.lists[row.number] = same


def _stripped(condition: Condition) -> Condition:
    kept: Condition = contract.from_json(declared.written(condition))
    return kept


async def _write(store: Store, adopted: _Adopted) -> None:
    async with store.write() as conn:
        worth = {**(await inheritance.known(conn)).seeds, **adopted.seeds}
        kept = {one: seed for one, seed in worth.items() if seed.startswith(GIVEN)}
        await conn.execute(delete(seeds))
        if kept:
            rows = [{"identity": one, "seed": seed} for one, seed in kept.items()]
            await conn.execute(insert(seeds), rows)
        for number, program in adopted.versions.items():
            values = {"program": to_json(program), "hash": content_hash(program)}
            await conn.execute(update(versions).where(versions.c.id == number).values(**values))
        for position, rule in adopted.rules.items():
            text = codec.to_json(ruled(rule, kept))
            mine = standing_rules.c.position == position
            await conn.execute(update(standing_rules).where(mine).values(rule=text))
        for number, condition in adopted.lists.items():
            text = declared.written(condition)
            mine = dynamic_lists.c.number == number
            await conn.execute(update(dynamic_lists).where(mine).values(condition=text))
        if adopted.whole:
            await conn.execute(delete(server_settings).where(server_settings.c.name == MARK))
