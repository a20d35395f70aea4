"""What plugins add to the interface (`relance.interface`): looked at once, at start, each by its plugin."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from relance.errors import ContractError
from relance.french import quoted
from relance.host import Host
from relance.interface import HouseReport, InterfacePage, LeadPanel
from server import plugin_contract as contract
from server.plugins import Plugins
from server.reports.performance.offered import OFFERED, OfferedReport
from server.reports.performance.offered_by_plugins import offered_by

#: Where the pages of plugins are.
ROOT = "/extensions"
_IN_A_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

T = TypeVar("T", InterfacePage, LeadPanel, HouseReport)


@dataclass(frozen=True, slots=True)
class AddedPage:
    """A page, and whose it is."""

    plugin: str
    page: InterfacePage

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{ROOT}/{self.plugin}/{self.page.path}"


@dataclass(frozen=True, slots=True)
class AddedPanel:
    """A part of the page of a lead, and whose it is."""

    plugin: str
    panel: LeadPanel


@dataclass(frozen=True, slots=True)
class AddedInterface:
    """All that plugins add to the interface of a server."""

    pages: Sequence[AddedPage] = ()
    panels: Sequence[AddedPanel] = ()
    reports: Sequence[OfferedReport] = ()

    @classmethod
    def of(cls, plugins: Plugins, host: Host, icons: Collection[str]) -> "AddedInterface":
        """What those plugins add; ContractError for what cannot be shown. `icons`: those there are."""
        pages = [AddedPage(name, one) for name, one in _pages(plugins, host, icons)]
        panels = [
            AddedPanel(name, one)
            for name, one in _each(plugins, "relance_panels", LeadPanel, host=host)
        ]
        return cls(pages, panels, added_reports(plugins))


def added_reports(plugins: Plugins) -> Sequence[OfferedReport]:
    """The reports that plugins add, as those of the house are offered."""
    found, owners = [], contract.Owners("le rapport")
    for name, one in _each(plugins, "relance_reports", HouseReport):
        owners.claim(name, one.word)
        if one.word in OFFERED:
            raise ContractError(name, f"le rapport {quoted(one.word)} est déjà l’un du serveur.")
        found.append(offered_by(name, one))
    return found


def _pages(
    plugins: Plugins, host: Host, icons: Collection[str]
) -> Iterator[tuple[str, InterfacePage]]:
    for name, page in _each(plugins, "relance_pages", InterfacePage, host=host):
        if not _IN_A_PATH.fullmatch(name):
            raise ContractError(name, "le nom d’une extension qui a des pages s’écrit en lettres.")
        if page.icon not in icons:
            known = ", ".join(sorted(icons))
            raise ContractError(
                name, f"l’icône {quoted(page.icon)} n’existe pas. Icônes : {known}."
            )
        yield name, page


def _each(plugins: Plugins, hook: str, kind: type[T], **given: object) -> Iterator[tuple[str, T]]:
    """What plugins answer to a hook, each fit to be read, no two of a plugin by one name."""
    known: set[tuple[str, str]] = set()
    for name, several in plugins.each(hook, **given):
        for one in contract.asked(name, hook, tuple, several):
            contract.refuse_ill_said(name, one, kind)
            if (name, one.code) in known:
                raise ContractError(name, f"{quoted(hook)} dit deux fois {quoted(one.code)}.")
            known.add((name, one.code))
            yield name, one
