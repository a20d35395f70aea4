"""The frame of a server’s pages with what its plugins add to it: their lines of the menu."""

from zoneinfo import ZoneInfo

from server.orders.awaited_request import AwaitedRequest
from server.plugin_interface import AddedInterface, AddedPage
from server.web.frame import MENU, Frame, FrameNotice, MenuEntry
from server.web.page import Access


def framed(
    added: AddedInterface,
    zone: ZoneInfo,
    project: str,
    notice: FrameNotice | None,
    awaited: AwaitedRequest,
) -> Frame:
    """The menu of the server, the pages of plugins that have a line in it after those of every day."""
    entries = [_entry(one) for one in added.pages if one.page.menu]
    menu = (MENU[0], entries, *MENU[1:]) if entries else MENU
    return Frame(zone, project, notice, menu, awaited)


def _entry(one: AddedPage) -> MenuEntry:
    return MenuEntry(one.path, one.page.menu, one.path, one.page.icon, access_of(one))


def access_of(one: AddedPage) -> Access:
    """Who may look at it."""
    return Access[one.page.access.name]
