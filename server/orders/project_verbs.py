"""The orders that change the files of a project, by their verbs."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from relance.host import Setup
from server.orders.sales import SELLER, SellerOrders
from server.orders.settings import SET, SettingOrders
from server.plugins import Plugins
from server.store.store import Store
from server.store.written_with import WriteDown

ProjectVerb: TypeAlias = Callable[[Mapping[str, str], WriteDown], Awaitable[str]]


def project_verbs(
    store: Store, folder: Path, plugins: Plugins, setup: Setup
) -> dict[str, ProjectVerb]:
    """What does each, of the project in that folder."""
    return {
        SET: SettingOrders(store, folder, plugins, setup).perform,
        SELLER: SellerOrders(store, folder, plugins).perform,
    }
