"""Every page of a server, one feature after the other: a new one is a line here."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from relance.host import Clock
from server.health.checkup import Checkup
from server.http.problems import Problems
from server.language.draft import DraftLanguage
from server.reports.glossary import Glossary
from server.store.store import Store
from server.web import assets
from server.web.frame import Frame
from server.web.images import Images
from server.web.journeys import JourneyPages, Journeys
from server.web.language import LanguageEndpoints
from server.web.look.files import LOOK
from server.web.operator import Operator
from server.web.page import Page
from server.web.status import StatusPages


def features(
    store: Store,
    clock: Clock,
    checkup: Checkup,
    zone: ZoneInfo,
    project: str,
    glossary: Glossary,
    operator: Operator,
    draft: DraftLanguage,
    problems: Problems,
) -> Iterator[Page]:
    """The pages of a server over that store; `project`: its name."""
    frame = Frame(zone, project)
    yield from assets.pages()
    yield from LOOK.pages()
    yield from Images(store).pages()
    yield from StatusPages(store, clock, checkup, glossary, operator, frame).pages()
    yield from LanguageEndpoints(draft, store, problems).pages()
    yield from JourneyPages(Journeys(store, glossary, frame.zone), frame).pages()
