"""Where a message is tried: the project's files and settings, a lead of the base or one made up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from relance.channel import Message
from relance.project_files import ProjectFiles
from relance.testing import FakeHost
from relance.values import Value
from server.clock import SystemClock
from server.egress.guard import Egress, relays
from server.past import Recalling, Remembering
from server.plugins import Plugins
from server.reports.people import find_lead
from server.reports.reader import reading
from server.settings import Settings
from server.store import leads
from server.store.store import Store

#: Who a message is shown to when nobody is named.
SAMPLE: Mapping[str, Value] = {
    "courriel": "camille.tremblay@exemple.ca",
    "prénom": "Camille",
    "nom": "Tremblay",
    "cellulaire": "+15145550123",
    "ville": "Montréal",
    "langue": "fr",
}


class PreviewHost(Recalling, FakeHost):
    """The server as its plugins see it, which keeps nothing: only what leaves is real."""

    def __init__(self, settings: Settings, files: ProjectFiles) -> None:
        network = Egress(settings.allowed_hosts, relays(settings.plugins))
        super().__init__(
            settings.plugins,
            SystemClock(),
            network,
            files,
            str(settings.zone),
            settings.public_url,
            settings.region,
        )


@dataclass(frozen=True, slots=True)
class PreviewStage:
    """A host, and the lead it is looked at for; `lead_id` is 0 for one made up."""

    host: PreviewHost
    lead_id: int
    fields: Mapping[str, Value]

    def message(self, template: str, address: str) -> Message:
        """That message, as it would be handed to its channel."""
        fields = {name: value for name, value in self.fields.items() if value is not None}
        now = self.host.clock.now()
        key = f"apercu-{int(now.timestamp())}"
        return Message(key, template, self.lead_id, address, fields, "Aperçu", 1, now)


async def stage_in(
    store: Remembering, settings: Settings, plugins: Plugins, files: ProjectFiles, lead: str | None
) -> PreviewStage | None:
    """Where a message is tried beside that store, the lead being of it."""
    host = PreviewHost(settings, files)
    host.offered = plugins.variables(host)
    host.recall(store, settings.zone)
    return PreviewStage(host, 0, SAMPLE) if lead is None else await _known(store, host, lead)


@asynccontextmanager
async def stage(
    settings: Settings, plugins: Plugins, files: ProjectFiles, lead: str | None
) -> AsyncIterator[PreviewStage | None]:
    """Where a message is tried for the lead of these words, else for `SAMPLE`; None for no lead."""
    if lead is None:
        store = await Store.open("sqlite://", SystemClock())
        try:
            yield await stage_in(store, settings, plugins, files, None)
        finally:
            await store.close()
        return
    async with reading(settings.database) as reader:
        yield await stage_in(reader, settings, plugins, files, lead)


async def _known(reader: Remembering, host: PreviewHost, words: str) -> PreviewStage | None:
    async with reader.read() as conn:
        found = await find_lead(conn, words)
        if found is None:
            return None
        fields = await leads.known_of(conn, reader.fields, [found])
    return PreviewStage(host, found, fields[found])
