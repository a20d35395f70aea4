"""Every page of a server, one feature after the other: a new one is a line here."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from relance.host import Clock
from server.health.checkup import Checkup
from server.reports.glossary import Glossary
from server.store.store import Store
from server.web import assets
from server.web.images import Images
from server.web.journeys import Journeys
from server.web.operator import Operator
from server.web.page import Page
from server.web.status import StatusPages


def features(
    store: Store,
    clock: Clock,
    checkup: Checkup,
    zone: ZoneInfo,
    glossary: Glossary,
    operator: Operator,
) -> Iterator[Page]:
    """The pages of a server over that store."""
    yield from assets.pages()
    yield from Images(store).pages()
    yield from StatusPages(store, clock, checkup, zone, glossary, operator).pages()
    yield from Journeys(store, glossary, zone).pages()
