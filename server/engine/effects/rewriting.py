"""Texts of leads replaced by what a plugin's function makes of them, as set statements.

A function of Python cannot run in the store: each distinct text of the visit is fetched, rewritten
once, and what changed goes back through a temporary table, in as many statements for a lead as for
a hundred thousand. A function that fails leaves the text as it was: one bad name stops nobody.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, delete, select, update
from sqlalchemy.schema import CreateTable

from dsl.field_types import CHOICE, TEXT
from relance import effects
from relance.events import LEAD_UPDATED
from server.engine.batch import batch
from server.engine.conditions.scope import Scope
from server.engine.effects.operation import Operation, passed, recorded
from server.engine.parameters import VISIT
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.bulk import insert_rows

log = logging.getLogger("relance.engine")

#: What a text becomes; the key makes each written-back row a lookup.
rewritten = Table(
    "rewritten",
    MetaData(),
    Column("old", Text, primary_key=True),
    Column("new", Text, nullable=False),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)


class Rewriting(Operation):
    """One text field, by one function."""

    def __init__(self, field: str, rewriter: str, version: Version, scope: Scope) -> None:
        found = scope.fields.get(field)
        if found is None or found.type not in {TEXT, CHOICE}:
            raise LookupError(f"no such text field: {field}")
        self._rewriter = rewriter
        self._logged = False
        leads, column = scope.fields.table, found.column
        here = (batch.c.version_id == version.id, batch.c.visit == VISIT)
        lead = leads.c.id == batch.c.lead_id
        self._values = Prepared(select(column).distinct().where(*here, lead, column.is_not(None)))
        concerned = passed(version, lead, rewritten.c.old == column)
        self._record_events = recorded(LEAD_UPDATED, found.name, concerned)
        self._write = Operation(
            update(leads)
            .where(*here, lead, rewritten.c.old == column)
            .values({column: rewritten.c.new})
        )

    async def run(self, tick: Tick, version: Version, visit: int, count: int) -> None:
        """Rewrite the field of the `count` leads of that visit."""
        rewriter = tick.rewriters.get(self._rewriter)
        if rewriter is None:
            self._log_once("la correction « %s » n’existe plus", self._rewriter)
            return
        rows = await tick.rows(self._values, version, p_visit=visit)
        changed = self._changed(rewriter, [row[0] for row in rows])
        if not changed:
            return
        await tick.conn.execute(CreateTable(rewritten, if_not_exists=True))
        await tick.conn.execute(delete(rewritten))
        await insert_rows(tick.conn, "rewritten", ("old", "new"), changed)
        await self._record_events.run(tick, version, visit, count)
        await self._write.run(tick, version, visit, count)

    def _changed(
        self, rewriter: Callable[[str], str], texts: Sequence[str]
    ) -> list[tuple[str, str]]:
        pairs = []
        for text in texts:
            try:
                new: Any = rewriter(text)
                if not isinstance(new, str) or "\0" in new:
                    raise TypeError(f"a text is due, not {type(new).__name__}")
            except Exception:
                message = "la correction « %s » a échoué ; le texte reste tel quel"
                self._log_once(message, self._rewriter, exc_info=True)
                continue
            if new != text:
                pairs.append((text, new))
        return pairs

    def _log_once(self, message: str, *words: str, exc_info: bool = False) -> None:
        if not self._logged:
            log.error(message, *words, exc_info=exc_info)
        self._logged = True


def rewrite(effect: effects.Rewrite, version: Version, scope: Scope) -> list[Operation]:
    """The operation of `Rewrite`."""
    return [Rewriting(effect.field, effect.rewriter, version, scope)]
