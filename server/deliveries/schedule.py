"""When a delivery is tried again: the schedule that Standard Webhooks recommends, three days and a half.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from datetime import timedelta

from server.dispatch.retry import draw

_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: Those that failed together do not come back in the same second.
_JITTER = 0.1
_LONGEST = timedelta(days=1)
#: What waited this long behind a sink that never answered is given up.
PATIENCE = timedelta(days=5)


def after(key: str, attempt: int, asked: float | None) -> timedelta | None:
    """How long to wait after the attempt of that number (from 1); None: it was the last.

    Never sooner than the `asked` seconds (`Retry-After`).
    """
    if attempt > len(_AFTER):
        return None
    delay = _AFTER[attempt - 1] * (1 + _JITTER * draw(key, attempt))
    return max(delay, min(timedelta(seconds=max(asked or 0, 0)), _LONGEST))
