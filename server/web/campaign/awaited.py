"""Whether the publication that waits for another person's agreement changes one campaign, or what it sends."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from relance.fold import key_of
from relance.project_files import ProjectFiles
from server.folder import SCRIPT
from server.publication import requests
from server.publication.requests import PublicationRequest
from server.reports.performance.listing import CampaignSummary
from server.reports.why import messages_of
from server.store.schema.campaigns import campaigns, versions
from server.web.agreement import waiting_for
from server.web.office import Office


async def awaited(
    office: Office, conn: AsyncConnection, campaign: CampaignSummary
) -> Mapping[str, Any]:
    """What its pages show of the one that waits, if it concerns it."""
    one = await requests.waiting(conn)
    concerned = one is not None and await _concerned(office, conn, campaign, one)
    return waiting_for(one if concerned else None)


async def _concerned(
    office: Office, conn: AsyncConnection, campaign: CampaignSummary, one: PublicationRequest
) -> bool:
    """A script changes the campaigns it names; a message, those that send it; another file, all."""
    changes = one.wished.changes
    if campaign.name in {each.name for each in changes if each.kind != "file"}:
        return True
    files = [each.name for each in changes if each.kind == "file" and _other(each.name)]
    if not files:
        return False
    known = _messages(office, files)
    if any(name not in known for name in files):
        return True
    query = select(versions.c.program).join(campaigns, campaigns.c.version_id == versions.c.id)
    stored = await conn.scalar(query.where(campaigns.c.id == campaign.id))
    sent = () if stored is None else messages_of(from_json(stored))
    return not {(channel, key_of(name)) for channel, name in sent}.isdisjoint(known.values())


def _other(name: str) -> bool:
    return not name.endswith(SCRIPT)


def _messages(office: Office, names: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """The messages to leads that these files are, as they run: the channel and the name of each."""
    running = office.publishing.rules.running or ProjectFiles()
    files = ProjectFiles(
        {name: running.contents[name] for name in names if name in running.contents}
    )
    return {
        path: (kind.channel, key_of(name))
        for kind in office.plugins.edited()
        for path, name in kind.places(files).items()
    }
