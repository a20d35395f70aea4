"""The orders that take the files of a project, or what its plugins offer, by their verbs."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from relance.host import Host
from server.orders.sales import SELLER, SellerOrders
from server.orders.saved_reports import SavedReportOrders
from server.orders.settings import SET, SettingOrders
from server.plugin_interface import added_reports
from server.plugins import Plugins
from server.store.store import Store
from server.store.written_with import WriteDown

ProjectVerb: TypeAlias = Callable[[Mapping[str, str], WriteDown], Awaitable[str]]


def project_verbs(
    store: Store, folder: Path, plugins: Plugins, host: Host
) -> dict[str, ProjectVerb]:
    """What does each, of the project in that folder."""
    added = partial(added_reports, plugins)
    return {
        **SavedReportOrders(store, host.clock, host.zone, added).verbs(),
        SET: SettingOrders(store, folder, plugins, host).perform,
        SELLER: SellerOrders(store, folder, plugins).perform,
    }
