"""What people and programs of the team ask of a running server: its pages and its API, on shared parts."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.applications import Starlette

from relance.channel import Channel
from relance.host import Clock, Host
from server.access.control import AccessControl
from server.api.endpoints import Endpoints
from server.health.checkup import Checkup
from server.http.forms import Forms
from server.http.problems import Problems
from server.language.draft import DraftLanguage
from server.orders.desk import Desk
from server.orders.publishing import Publishing
from server.plugin_interface import AddedInterface
from server.plugins import Plugins
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
) -> Office:
    """What pages read and ask, with what plugins add to the interface; ContractError if they cannot."""
    settings, plugins = shared[2], shared[3]
    added = AddedInterface.of(plugins, host, ICONS)
    frame = framed(added, settings.zone, settings.folder.name, notice)
    return Office(*shared, frame, host, channels, stopping, added)


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
