"""Whether the links of a message lead somewhere: each address asked once, from inside the guard."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from relance.channel import PreviewLink
from relance.errors import NetworkRefused
from relance.host import Network

_TIMEOUT = 10.0
_AT_ONCE = 4
#: What some sites answer to who only asks whether a page is there.
_ASK_WHOLE = frozenset({403, 405, 501})
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class LinkVisit:
    """What became of a link; `wrong` is why it leads nowhere, in French, None when it does."""

    link: PreviewLink
    wrong: str | None


async def visits(network: Network, links: Sequence[PreviewLink]) -> Sequence[LinkVisit]:
    """Each link that is on the web, looked at as its reader would."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def visit(link: PreviewLink) -> LinkVisit:
        async with limit, network.http(timeout=_TIMEOUT) as client:
            return LinkVisit(link, await _wrong(client, link.target))

    asked = {one.target: one for one in links if one.target.lower().startswith(_WEB)}
    return await asyncio.gather(*map(visit, asked.values()))


async def _wrong(client: httpx.AsyncClient, target: str) -> str | None:
    try:
        status = await _status(client, "HEAD", target)
        if status in _ASK_WHOLE:
            status = await _status(client, "GET", target)
    except (NetworkRefused, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"ne répond pas ({error or type(error).__name__})"
    if status in (404, 410):
        return f"n’existe pas ({status})"
    return f"répond par une erreur ({status})" if status >= 400 else None


async def _status(client: httpx.AsyncClient, method: str, target: str) -> int:
    async with client.stream(method, target) as answer:  # what it holds is nobody's concern
        return answer.status_code
