"""Telling people from machines: scanners follow links and open images before anyone reads.

One strong sign is enough, or two weak ones together. A machine's visit is recorded under another
name, with the signs, so that rules count people only and reports can tell the difference.
"""

from collections import OrderedDict
from datetime import datetime

from relance.route import Request

_SCANNERS = (
    "barracuda",
    "bitdefender",
    "bot",
    "cisco",
    "crawler",
    "facebookexternalhit",
    "fireeye",
    "forcepoint",
    "fortinet",
    "link preview",
    "linkpreview",
    "messagelabs",
    "mimecast",
    "proofpoint",
    "safelinks",
    "scanner",
    "skypeuripreview",
    "sophos",
    "spider",
    "symantec",
    "trendmicro",
    "urldefense",
    "virustotal",
    "zscaler",
)
_PREFETCH = ("purpose", "sec-purpose", "x-purpose", "x-moz")
#: Sooner than this after the sending, hardly anybody has read the message.
FAST = 2.0
#: That many links of one message in that many seconds are hardly one person's.
SERIES, SERIES_SECONDS = 3, 3.0
_REMEMBERED = 20_000


class Machines:
    """Judges visits; remembers the last messages visited, for the signs that take several."""

    def __init__(self) -> None:
        self._visits: OrderedDict[str, list[tuple[float, str]]] = OrderedDict()

    def signs(
        self, request: Request, key: str, link: str, sent: float, now: datetime
    ) -> tuple[str, ...]:
        """Why the visit looks like a machine's; empty for a person's."""
        strong = list(_strong(request))
        weak = []
        at = now.timestamp()
        if 0 <= at - sent < FAST:
            weak.append("juste après l’envoi")
        if self._series(key, link, at):
            weak.append("plusieurs liens à la suite")
        if strong or len(weak) > 1:
            return (*strong, *weak)
        return ()

    def _series(self, key: str, link: str, at: float) -> bool:
        visits = self._visits.setdefault(key, [])
        self._visits.move_to_end(key)
        visits[:] = [visit for visit in visits if 0 <= at - visit[0] < SERIES_SECONDS][-9:]
        visits.append((at, link))
        if len(self._visits) > _REMEMBERED:
            self._visits.popitem(last=False)
        return len({link for _, link in visits}) >= SERIES


def _strong(request: Request) -> list[str]:
    signs = []
    agent = request.headers.get("user-agent", "").strip().lower()
    if not agent:
        signs.append("navigateur sans nom")
    elif any(name in agent for name in _SCANNERS):
        signs.append("analyseur connu")
    elif agent == "mozilla/5.0":
        signs.append("relais de préchargement")
    if any(
        "prefetch" in said or "preview" in said
        for said in (request.headers.get(name, "").lower() for name in _PREFETCH)
    ):
        signs.append("préchargement annoncé")
    return signs
