"""What people and programs of the team ask of a running server: its pages and its API, on shared parts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette

from relance.channel import Channel
from relance.host import Clock, Host
from server import private
from server.access.audit import AuditLog
from server.access.control import AccessControl
from server.api.endpoints import Endpoints
from server.dispatch.book import Book
from server.health.checkup import Checkup
from server.http.forms import Forms
from server.http.problems import Problems
from server.language.draft import DraftLanguage
from server.orders.awaited_request import AwaitedRequest
from server.orders.desk import Desk
from server.orders.publishing import Publishing
from server.plugin_interface import AddedInterface
from server.plugins import Plugins
from server.report_mail.mailing import FILE, MailParts, ReportMailing
from server.report_mail.making import LetterMaking, ReportPlace
from server.report_mail.planning import Planning
from server.reports.performance.offered import OfferedReport
from server.settings import Settings
from server.store.store import Store
from server.web.extensions.menu import framed
from server.web.features import whole_site
from server.web.frame import FrameNotice
from server.web.icons import PATHS as ICONS
from server.web.office import Office
from server.web.workshop import Workshop


def office_of(
    shared: tuple[Store, Clock, Settings, Plugins, Desk, Publishing],
    host: Host,
    channels: Mapping[str, Channel],
    stopping: asyncio.Event,
    notice: FrameNotice | None,
    awaited: AwaitedRequest,
) -> Office:
    """What pages read and ask, with what plugins add to the interface; ContractError if they cannot."""
    settings, plugins = shared[2], shared[3]
    added = AddedInterface.of(plugins, host, ICONS)
    frame = framed(added, settings.zone, settings.folder.name, notice, awaited)
    return Office(*shared, frame, host, channels, stopping, added)


def mailing_of(office: Office, audit: AuditLog, address: Callable[[], str]) -> ReportMailing:
    """What mails the reports that the team saved. `address`: where people reach the server."""
    settings, store = office.settings, office.store

    def added() -> Sequence[OfferedReport]:
        return office.added.reports

    place = ReportPlace(settings.folder.name, address)
    making = LetterMaking(store, lambda: office.ground, added, place)
    planning = Planning(settings.zone, audit, added)
    book = Book(settings.folder / private.FOLDER / FILE)
    parts = MailParts(store, office.clock, planning, making, office.channels.values, book)
    return ReportMailing(parts)


def interface(
    office: Office,
    checkup: Checkup,
    access: AccessControl,
    draft: DraftLanguage,
    address: Callable[[], str],
    problems: Problems,
    door: Forms,
) -> Starlette:
    """All of it. `address`: where the server is reached, once it listens; `door`: what takes forms."""
    workshop = Workshop.of(office, draft, access.register)
    programs = Endpoints(office, problems, workshop, door, access.register)
    return whole_site(office, checkup, access, workshop, address, problems, door, programs.pages())
