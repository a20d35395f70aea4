"""How much one tick takes on: much, as each costs, yet little while somebody waits beside a crowd.

What a form brings waits for the tick under way, then for its own, then, where one writes at a time,
for those between which its e-mail is taken and said sent. Beside a million that enter, the
crowd may well take longer: nobody of it looks at a screen.
"""

#: Events, and due enrolments, taken on by one tick: on PostgreSQL, each of its statements costs more.
LIMITS = {"sqlite": 2_000, "postgresql": 5_000}
#: While somebody comes, one part in so many of that.
_PARTS = 8
#: For so many ticks after the last who came: others often follow.
_TICKS = 50


class TickLimit:
    """That of the ticks of an engine, in events or enrolments; `now` is that of the next one."""

    def __init__(self, usual: int) -> None:
        self._usual = self.now = usual
        self._small = 0

    def turn(self, *, came: bool) -> None:
        """Before a tick. `came`: somebody did since the last one began."""
        self._small = _TICKS if came else max(self._small - 1, 0)
        self.now = max(self._usual // _PARTS, 1) if self._small else self._usual
