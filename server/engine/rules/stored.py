"""The rules that stand outside campaigns, as the store keeps them: they outlive a restart.

A server started on scripts that hold an error goes on with what was last published; a rule that was
there before is known to be no new one.
"""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import codec
from server.engine.rules.rule import Rule
from server.store.schema.rules import standing_rules


async def publish(conn: AsyncConnection, rules: Sequence[Rule]) -> None:
    """Keep these rules in place of those there were."""
    await conn.execute(delete(standing_rules))
    rows = [
        {"position": position, "rule": codec.to_json(rule)} for position, rule in enumerate(rules)
    ]
    if rows:
        await conn.execute(insert(standing_rules), rows)


async def read(conn: AsyncConnection) -> Sequence[Rule]:
    """The rules last published, in their order."""
    found = await conn.scalars(select(standing_rules.c.rule).order_by(standing_rules.c.position))
    return tuple(codec.from_json(text) for text in found)
