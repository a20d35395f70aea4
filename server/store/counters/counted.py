"""What is counted: of the rows of which tables, when, and by what.

Every expression is SQL over the columns of one row, `{r}` standing for it, and of nothing else: a
row that changes takes away what it counted for and adds what it counts for now, so that counters are
right whatever changes it. One alone goes by what another row holds too, and says which: `LeaningSum`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MINUTES = "(({r}.left_at - {r}.entered_at) / 60000000)"
#: Durations are told apart by two figures of their minutes, and a median is no more exact: below
#: so many, by steps of so many.
_STEPS = ((100, 1), (1_000, 10), (10_000, 100), (100_000, 1_000), (2**62, 10_000))
#: Successes are counted by their duration in each day, and in each block of so many days: of a year,
#: a report reads a few blocks and the days at both ends.
BLOCK = 32


def stepped(minutes: int) -> int:
    """The step of a duration in minutes."""
    step = _step(minutes)
    return minutes // step * step


def middle(stepped_minutes: int) -> float:
    """What durations of that step are told as."""
    step = _step(stepped_minutes)
    return stepped_minutes + (step / 2 if step > 1 else 0)


def _step(minutes: int) -> int:
    return next(step for below, step in _STEPS if minutes < below)


def _stepped(minutes: str) -> str:
    """The same, in SQL."""
    whens = (f"WHEN {minutes} < {below} THEN {minutes} / {step} * {step}" for below, step in _STEPS)
    return f"CASE {' '.join(whens)} END"


#: Longer texts that begin alike are counted together.
LONGEST = 200
_COLUMN = re.compile(r"\{r\}\.(\w+)")


def day_of(at: str, block: str = "1") -> str:
    """The local day of an instant, by `zone_shifts`, or the first of its block of days.

    Nothing is counted before 1970.
    """
    return (
        f"CAST((CASE WHEN {at} > 0 THEN {at} ELSE 0 END + coalesce((SELECT z.shift FROM "  # noqa: S608
        f"zone_shifts z WHERE z.since <= {at} ORDER BY z.since DESC LIMIT 1), 0)) "
        f"/ 86400000000 / {block} * {block} AS INTEGER)"
    )


@dataclass(frozen=True, slots=True)
class LeaningSum:
    """What a row adds to its sum goes by another: 1 when `column` of the row of `table` whose id is
    `by` of this one holds something, which may change while this one does not.
    """

    table: str
    column: str
    by: str

    def of(self, row: str, *, held: str = "") -> str:
        """What that row adds. `held`: how the other is kept as it is until this is written."""
        here = f"there.id = {row}.{self.by} AND there.{self.column} IS NOT NULL"
        return f"coalesce((SELECT 1 FROM {self.table} there WHERE {here}{held}), 0)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class CountedFact:
    """Rows of a table that are counted, `when` they are so.

    `kind` and all below are SQL. `at`: the instant whose local day it is counted in, the first of
    its `block` of days; None for what is so now, or of rows that hold their `day` themselves. `total`:
    what is summed beside, of whatever unit.
    """

    name: str
    table: str
    when: str
    kind: str
    at: str | None
    campaign: str = "0"
    version: str = "0"
    place: str = "0"
    subject: str = "''"
    detail: str = "''"
    total: str = "0"
    block: str = "1"
    leaning: LeaningSum | None = None
    day: str = "0"

    def key(self, row: str, dialect: str) -> str:
        """The columns of a counter, of the row that goes by that name."""
        day = self.day if self.at is None else day_of(self.at, self.block)
        text = [f"substr({one}, 1, {LONGEST})" for one in (self.subject, self.detail)]
        key = ", ".join((self.campaign, self.kind, day, self.version, self.place, *text))
        for name, spelt in _SPELT.items():
            key = key.replace(name, spelt[dialect])
        return key.replace("{r}", row)

    def counts(self, row: str) -> str:
        """Whether that row counts."""
        return self.when.replace("{r}", row)

    def sum(self, row: str) -> str:
        """What that row adds to the sum."""
        if self.leaning is not None:
            return self.leaning.of(row)
        return f"CAST({self.total.replace('{r}', row)} AS BIGINT)"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it depends on."""
        said = (self.when, self.kind, self.at or "", self.campaign, self.version, self.place)
        text = " ".join((*said, self.subject, self.detail, self.total, self.day))
        for name, spelt in _SPELT.items():
            text = text.replace(name, spelt["sqlite"])
        by = () if self.leaning is None else (self.leaning.by,)
        return tuple(dict.fromkeys((*_COLUMN.findall(text), *by)))


#: What the stores do not spell alike: the page of an address, and where its visitor came from.
_ADDRESS = "coalesce({r}.address, {r}.subject, '')"
_SPELT: Mapping[str, Mapping[str, str]] = {
    "{page}": {
        "sqlite": f"CASE instr({_ADDRESS}, '?') WHEN 0 THEN {_ADDRESS} "
        f"ELSE substr({_ADDRESS}, 1, instr({_ADDRESS}, '?') - 1) END",
        "postgresql": f"split_part({_ADDRESS}, '?', 1)",
    },
    **{
        f"{{{name}}}": {
            "sqlite": f"CAST(json_extract({{r}}.properties, '$.{name}') AS TEXT)",
            "postgresql": f"(CAST({{r}}.properties AS JSONB) ->> '{name}')",
        }
        for name in ("utm_source", "provenance")
    },
}
_OF_ENROLMENT: Mapping[str, Any] = {"campaign": "{r}.campaign_id", "version": "{r}.version_id"}
_OF_MESSAGE: Mapping[str, Any] = {
    "campaign": "{r}.campaign_id",
    "version": "coalesce({r}.version_id, 0)",
    "subject": "{r}.message",
    "detail": "{r}.channel",
}
_BY_MESSAGE: Mapping[str, Any] = {"subject": "{r}.message", "detail": "{r}.channel"}
_GONE = "NOT {r}.active AND {r}.left_at IS NOT NULL"

#: Asked of each row that is written: SQLite would make a table of a list of three, for each of them.
_SETTLED = " AND ".join(f"{{r}}.state <> '{one}'" for one in ("pending", "sending", "gathered"))

#: The moves whose statements are counted.
PASSED = ("acted", "decided", "resumed", "split", "stepped")

#: What the kinds begin with that count, for the house, what is given up by its reason.
GIVEN_UP = "given up"

#: What the kinds end with that count by block of days what another counts by day.
OF_BLOCK = " block"
#: What is counted by day and of all time too, which a page of all campaigns reads: of years, there is a
#: row a day and a campaign.
OF_ALL_TIME = "ever "
_OF_CAMPAIGN: Mapping[str, Any] = {"campaign": "{r}.campaign_id"}
#: What is counted of all campaigns together too, which the house is told by: there may be thousands.
OF_HOUSE = "house "
#: And of each message, whatever sent it: a report of messages reads those of its days, of thousands of
#: campaigns as of one.
OF_EACH = "each "

#: Who was refused because another campaign of an exclusive group had them.
ELSEWHERE = "elsewhere"

#: Who came to the site each day, and the kinds that count them.
VISITOR_DAYS, VISITORS, RETURNED = "visitor_days", "visitors", "returned"


def _block_of(day: str) -> str:
    return f"{day} / {BLOCK} * {BLOCK}"


COUNTED = (
    CountedFact(
        "entered", "journal", "{r}.kind = 'entered'", "'entered'", "{r}.at", **_OF_ENROLMENT
    ),
    CountedFact(
        *("ever_entered", "journal", "{r}.kind = 'entered'", f"'{OF_ALL_TIME}entered'", None),
        **_OF_CAMPAIGN,
    ),
    CountedFact("ever_left", "enrolments", _GONE, f"'{OF_ALL_TIME}left'", None, **_OF_CAMPAIGN),
    CountedFact(
        *("ever_succeeded", "enrolments", f"{_GONE} AND {{r}}.outcome = 'success'"),
        *(f"'{OF_ALL_TIME}succeeded'", None),
        **_OF_CAMPAIGN,
    ),
    CountedFact(
        "passed",
        "journal",
        f"{{r}}.kind IN ({', '.join(map(repr, PASSED))})",
        "'passed'",
        "{r}.at",
        **_OF_ENROLMENT,
        place="coalesce({r}.statement, -1)",
        detail="coalesce(CAST({r}.branch AS TEXT), '')",
    ),
    CountedFact(
        "inside",
        "enrolments",
        "{r}.active",
        "'inside'",
        None,
        **_OF_ENROLMENT,
        place="{r}.statement",
        subject="coalesce({r}.step, '')",
    ),
    CountedFact(
        "left",
        "enrolments",
        _GONE,
        "'left'",
        "{r}.left_at",
        **_OF_ENROLMENT,
        subject="coalesce({r}.outcome, '')",
    ),
    # By how long it took, summed in seconds.
    CountedFact(
        "succeeded",
        "enrolments",
        f"{_GONE} AND {{r}}.outcome = 'success'",
        "'succeeded'",
        "{r}.left_at",
        **_OF_ENROLMENT,
        place=_stepped(_MINUTES),
        total="(({r}.left_at - {r}.entered_at) / 1000000)",
    ),
    CountedFact(
        "succeeded_block",
        "enrolments",
        f"{_GONE} AND {{r}}.outcome = 'success'",
        "'succeeded block'",
        "{r}.left_at",
        **_OF_ENROLMENT,
        place=_stepped(_MINUTES),
        total="(({r}.left_at - {r}.entered_at) / 1000000)",
        block=str(BLOCK),
    ),
    CountedFact(
        "outbox",
        "outbox",
        _SETTLED,
        "'message ' || {r}.state",
        "coalesce({r}.settled_at, {r}.created_at)",
        **_OF_MESSAGE,
    ),
    # Those that a line of a policy had given up, by what is said of it.
    CountedFact(
        "given_up",
        "outbox",
        "({r}.state = 'skipped' OR {r}.state = 'expired')",
        f"'{GIVEN_UP} ' || {{r}}.state",
        "coalesce({r}.settled_at, {r}.created_at)",
        subject="coalesce({r}.reason, '')",
    ),
    # Those that a policy keeps waiting now, by the day it last put them off.
    CountedFact(
        "put_off",
        "outbox",
        "{r}.held_at IS NOT NULL",
        "'message put off'",
        "{r}.held_at",
        **_OF_MESSAGE,
    ),
    CountedFact(
        "marks",
        "message_marks",
        "{r}.at IS NOT NULL",
        "'message ' || {r}.kind",
        "{r}.at",
        **_OF_MESSAGE,
    ),
    # The same of all campaigns together: messages by channel.
    CountedFact(
        *("house_entered", "journal", "{r}.kind = 'entered'", f"'{OF_HOUSE}entered'", "{r}.at"),
    ),
    CountedFact(
        *("house_left", "enrolments", _GONE, f"'{OF_HOUSE}left'", "{r}.left_at"),
        subject="coalesce({r}.outcome, '')",
    ),
    CountedFact(
        *("house_outbox", "outbox", _SETTLED, f"'{OF_HOUSE}message ' || {{r}}.state"),
        "coalesce({r}.settled_at, {r}.created_at)",
        detail="{r}.channel",
    ),
    CountedFact(
        *("house_put_off", "outbox", "{r}.held_at IS NOT NULL"),
        *(f"'{OF_HOUSE}message put off'", "{r}.held_at"),
        detail="{r}.channel",
    ),
    CountedFact(
        *("house_marks", "message_marks", "{r}.at IS NOT NULL"),
        *(f"'{OF_HOUSE}message ' || {{r}}.kind", "{r}.at"),
        detail="{r}.channel",
    ),
    # By message, whatever the campaign.
    CountedFact(
        *("each_outbox", "outbox", _SETTLED, f"'{OF_EACH}message ' || {{r}}.state"),
        "coalesce({r}.settled_at, {r}.created_at)",
        **_BY_MESSAGE,
    ),
    CountedFact(
        *("each_put_off", "outbox", "{r}.held_at IS NOT NULL"),
        *(f"'{OF_EACH}message put off'", "{r}.held_at"),
        **_BY_MESSAGE,
    ),
    CountedFact(
        *("each_marks", "message_marks", "{r}.at IS NOT NULL"),
        *(f"'{OF_EACH}message ' || {{r}}.kind", "{r}.at"),
        **_BY_MESSAGE,
    ),
    # By what follows the @ of the address, whatever the campaign: by day, and by block of days.
    *(
        fact
        for block, ending in ((1, ""), (BLOCK, OF_BLOCK))
        for fact in (
            CountedFact(
                "domains" + ending.replace(" ", "_"),
                "outbox",
                "{r}.domain IS NOT NULL AND ({r}.state = 'sent' OR {r}.state = 'unreachable')",
                f"'domain ' || {{r}}.state || '{ending}'",
                "coalesce({r}.settled_at, {r}.created_at)",
                subject="{r}.domain",
                detail="{r}.channel",
                block=str(block),
            ),
            CountedFact(
                "marked_domains" + ending.replace(" ", "_"),
                "message_marks",
                "{r}.domain IS NOT NULL",
                f"'domain ' || {{r}}.kind || '{ending}'",
                "{r}.at",
                subject="{r}.domain",
                detail="{r}.channel",
                block=str(block),
            ),
        )
    ),
    # Who is on each list, and, summed, whoever of them has an address.
    CountedFact(
        "listed",
        "list_members",
        "true",
        "'listed'",
        None,
        subject="{r}.list_key",
        leaning=LeaningSum("leads", "f_courriel", "lead_id"),
    ),
    # By the day a lead was last refused: one refused many times is counted once.
    CountedFact(
        *("elsewhere", "refusals", "{r}.reason = 'in_group'", f"'{ELSEWHERE}'", "{r}.at"),
        **_OF_CAMPAIGN,
    ),
    CountedFact("leads", "leads", "{r}.merged_into IS NULL", "'lead'", "{r}.created_at"),
    CountedFact(
        "converted",
        "events",
        "{r}.type = 'converted'",
        "'converted'",
        "{r}.occurred_at",
        subject="coalesce({r}.subject, '')",
        total="coalesce({r}.amount, 0)",
    ),
    # To whom each lead was given.
    CountedFact(
        "assigned",
        "events",
        "{r}.type = 'assigned'",
        "'assigned'",
        "{r}.occurred_at",
        subject="coalesce({r}.subject, '')",
    ),
    # Where each link was followed from: the message it was in, or nowhere in particular.
    CountedFact(
        "clicked",
        "events",
        "{r}.type = 'link_clicked'",
        "'clicked'",
        "{r}.occurred_at",
        subject="coalesce({r}.subject_key, '')",
        detail="coalesce({r}.context, '')",
    ),
    CountedFact(
        "visited",
        "events",
        "{r}.type = 'page_visited'",
        "'visited'",
        "{r}.occurred_at",
        subject="{page}",
        detail="coalesce({utm_source}, {provenance}, '')",
    ),
    # Those who came each day, and of them those who had come before, by the day they last had: by day,
    # and by block of days (`visitors`).
    CountedFact("visitors", VISITOR_DAYS, "true", f"'{VISITORS}'", None, day="{r}.day"),
    CountedFact(
        *("returned", VISITOR_DAYS, "{r}.previous IS NOT NULL", f"'{RETURNED}'", None),
        day="{r}.day",
        place="{r}.previous",
    ),
    CountedFact(
        *("returned_block", VISITOR_DAYS, "{r}.previous IS NOT NULL"),
        *(f"'{RETURNED}{OF_BLOCK}'", None),
        day=_block_of("{r}.day"),
        place=_block_of("{r}.previous"),
    ),
)
