"""On what terms messages leave, beside what is published: how the project is set, what it writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from relance.consent import Basis
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
    `consent`: on what basis marketing leaves, unless its campaign says; `implied`: the events that
    are such a basis, for so many months.
    """

    recipients: Allowance = ORDINARY
    nature: Callable[[str, str], Nature] = all_marketing
    zone: ZoneInfo = DEFAULT_ZONE
    consent: Basis = Basis.NONE
    implied: Mapping[str, int] = field(default_factory=dict)


#: Those of a project that sets nothing.
USUAL = Terms()
