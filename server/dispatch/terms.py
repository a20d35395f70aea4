"""On what terms messages leave, beside what is published: how the project is set, what it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from relance.nature import Nature
from server.dispatch.allowance import ORDINARY, Allowance
from server.store.instants import DEFAULT_ZONE


def all_marketing(channel: str, message: str) -> Nature:
    """No message says that it is of service."""
    return Nature.MARKETING


@dataclass(frozen=True, slots=True)
class Terms:
    """`nature` tells what a message is, by the name of its channel and its own.

    `zone` is that of leads who have none, in campaigns that say none.
    """

    recipients: Allowance = ORDINARY
    nature: Callable[[str, str], Nature] = all_marketing
    zone: ZoneInfo = DEFAULT_ZONE


#: Those of a project that sets nothing.
USUAL = Terms()
