"""What every part of access works with: the store, the time, the log, passwords and codes.

The time is the world's, whatever simulated clock a demonstration runs its campaigns by: a telephone
makes its codes by it, and a session must not end because a week was skipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from relance.host import Clock
from server.access import accounts, roles, throttle
from server.access.accounts import Account
from server.access.actor import Actor
from server.access.audit import AuditLog
from server.access.challenges import EntryChallenges
from server.access.passwords import Passwords
from server.access.second_factor import Seals, SecondFactor
from server.store.instants import Micros, now_micros
from server.store.store import Store


@dataclass(slots=True)
class AccessRegister:
    """The books of a server's team."""

    store: Store
    clock: Clock
    audit: AuditLog
    factor: SecondFactor
    passwords: Passwords
    challenges: EntryChallenges
    seals: Seals

    @classmethod
    def of(cls, store: Store, clock: Clock, seals: Seals) -> "AccessRegister":
        """Those of that base, under the server's secret."""
        log = AuditLog(clock, lambda value: seals.digest("audit", value))
        factor, challenges = SecondFactor(seals), EntryChallenges(seals)
        return cls(store, clock, log, factor, Passwords(), challenges, seals)

    def now(self) -> Micros:
        """The present instant."""
        return now_micros(self.clock)

    async def wait_of(self, keys: Mapping[str, int]) -> Micros:
        """How long whoever tries has to wait, as `throttle.attempt` would say: asked before it is.

        What is refused for having been tried too often takes no turn from those who write.
        """
        async with self.store.read() as conn:
            return await throttle.wait_of(conn, keys, self.now())

    async def give_roles(
        self, conn: AsyncConnection, actor: Actor, account: Account, given: frozenset[AccessRole]
    ) -> None:
        """These roles and no others; in the log where it changes something."""
        if given == account.roles:
            return
        await accounts.change(conn, account.id, roles=roles.stored(given))
        before, after = ({"rôles": roles.words(one)} for one in (account.roles, given))
        who = account.who
        await self.audit.note(conn, actor, "compte.roles", who, before=before, after=after)
