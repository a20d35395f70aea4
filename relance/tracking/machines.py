"""Telling people from machines: scanners follow links and open images before anyone reads.

No sign is enough by nature: each weighs for or against, and together they make a probability. A
visit more likely a machine's than a person's is recorded under another name, with its signs, so
that rules count people only and reports can say why.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from starlette.requests import Request

from relance.tracking.prefetch import prefetched
from relance.tracking.visits import CLICK, TRAP, Visit

Seen = TypeVar("Seen")


class Sign(Enum):
    """A sign of a machine: how it is told to people, and what it weighs (log-odds)."""

    HEAD = ("demande l’en-tête seulement", 5.0)
    NAMELESS = ("navigateur sans nom", 5.0)
    SCANNER = ("analyseur connu", 5.0)
    RELAY = ("relais de préchargement", 5.0)
    PREFETCH = ("préchargement annoncé", 5.0)
    PROXY_CLICK = ("relais d’images qui suit un lien", 5.0)
    TRAPPED = ("lien caché suivi", 6.0)
    COMPANY = ("avec d’autres visites de machine", 4.0)
    TOO_EARLY = ("juste après l’envoi", 3.5)
    SERIES = ("plusieurs liens à la suite", 3.0)
    ALL_LINKS = ("tous les liens à la fois", 3.0)
    CROWD = ("même visiteur pour plusieurs destinataires", 3.0)
    EARLY = ("peu après l’envoi", 1.2)
    NO_LANGUAGE = ("navigateur sans langue", 1.2)

    @property
    def label(self) -> str:
        """In French."""
        return self.value[0]

    @property
    def weight(self) -> float:
        """How much it speaks for a machine: a difference of log-odds."""
        return self.value[1]


#: Before any sign: about one visit in eight is a machine's.
_PRIOR = -2.0
#: Signs of the request itself that settle the matter, and stain its visitor's other visits.
_STRONG = 4.0
#: Seconds after the sending in which nobody, then hardly anybody, has read the message.
NOBODY, HARDLY = 2.0, 10.0
#: That many links of one message in that many seconds are hardly one person's.
SERIES, SERIES_SECONDS = 3, 3.0
#: Visits that close belong together, whoever they say they are.
_TOGETHER = 10.0
#: That many messages visited by one visitor in `_TOGETHER` seconds.
_CROWD = 8
_REMEMBERED, _MOST_SEEN = 20_000, 40

_SCANNERS = re.compile(
    r"barracuda|bitdefender|(?<!cu)bot\b|cisco|crawler|facebookexternalhit|fireeye|forcepoint"
    r"|fortinet|link ?preview|messagelabs|mimecast|proofpoint|safelinks|scanner|skypeuripreview"
    r"|sophos|spider|symantec|trendmicro|trend micro|urldefense|virustotal|zscaler|headlesschrome"
    r"|phantomjs|python|\bcurl/|\bwget/|go-http-client|\bjava/|libwww|okhttp|axios|node-fetch"
    r"|httpclient|aiohttp"
)
#: Google and Yahoo fetch the images a person opens: that is a person's opening, not a click.
_IMAGE_PROXIES = re.compile(r"googleimageproxy|yahoomailproxy|yahoo mail proxy")


def signs_of(kind: str, request: Request) -> tuple[str, ...]:
    """What the request alone betrays."""
    found: list[Sign] = []
    agent = request.headers.get("user-agent", "").strip().lower()
    proxy = _IMAGE_PROXIES.search(agent) is not None
    if request.method == "HEAD":
        found.append(Sign.HEAD)
    if not agent:
        found.append(Sign.NAMELESS)
    elif agent == "mozilla/5.0":
        found.append(Sign.RELAY)
    elif proxy:
        found += [Sign.PROXY_CLICK] if kind != "open" else []
    elif _SCANNERS.search(agent):
        found.append(Sign.SCANNER)
    if prefetched(request.headers):
        found.append(Sign.PREFETCH)
    if not proxy and "accept-language" not in request.headers:
        found.append(Sign.NO_LANGUAGE)
    return tuple(sign.name for sign in found)


def settled(signs: Sequence[str]) -> bool:
    """Whether a request alone shows a machine, whatever comes around it."""
    return any(Sign[name].weight >= _STRONG for name in signs)


@dataclass(frozen=True, slots=True)
class VisitVerdict:
    """What a visit is held to be, and why."""

    signs: tuple[str, ...]
    probability: float

    @property
    def machine(self) -> bool:
        """Rather a machine than a person."""
        return self.probability >= 0.5


class Machines:
    """Judges visits.

    What it remembers of other messages' visitors only helps to tell crowds: a restart loses it,
    and nothing else.
    """

    def __init__(self) -> None:
        self._crowds: Memory[str] = Memory()
        self._recent: Memory[Visit] = Memory()

    def meet(self, visit: Visit) -> None:
        """Remember a visit just made."""
        self._crowds.add(visit.actor, visit.at, visit.key)
        self._recent.add(visit.key, visit.at, visit)

    def flooding(self, visit: Visit) -> bool:
        """Whether so many visits of that message are noted that one more would teach nothing."""
        return len(self.recent(visit)) > _MOST_SEEN

    def recent(self, visit: Visit) -> Sequence[Visit]:
        """The visits of the same message about then, as far as they are remembered."""
        return self._recent.near(visit.key, visit.at)

    def judge(self, visit: Visit, session: Sequence[Visit]) -> VisitVerdict:
        """What to think of a visit, among those of the same message held with it."""
        found = [Sign[name] for name in visit.signs]
        found += _timing(visit)
        found += _around(visit, session)
        messages = set(self._crowds.near(visit.actor, visit.at))
        if visit.kind == CLICK and len(messages) >= _CROWD:
            found.append(Sign.CROWD)
        weight = _PRIOR + sum(sign.weight for sign in found)
        labels = tuple(sign.label for sign in sorted(found, key=lambda sign: -sign.weight))
        return VisitVerdict(labels, min(max(1 / (1 + math.exp(-weight)), 0.01), 0.99))


def _timing(visit: Visit) -> list[Sign]:
    if 0 <= visit.at - visit.sent < NOBODY:
        return [Sign.TOO_EARLY]
    return [Sign.EARLY] if 0 <= visit.at - visit.sent < HARDLY else []


def _around(visit: Visit, session: Sequence[Visit]) -> list[Sign]:
    """What the other visits of the message say of this one."""
    found: list[Sign] = []
    if any(one.kind == TRAP and _of_one(one, visit) for one in session):
        found.append(Sign.TRAPPED)
    elif any(settled(one.signs) and one.actor == visit.actor for one in session if one != visit):
        found.append(Sign.COMPANY)
    if visit.kind != CLICK:
        return found
    clicks = [
        one for one in session if one.kind == CLICK and abs(one.at - visit.at) < SERIES_SECONDS
    ]
    most = max(
        len({one.link for one in clicks if 0 <= one.at - first.at < SERIES_SECONDS})
        for first in (*clicks, visit)
        if 0 <= visit.at - first.at < SERIES_SECONDS
    )
    if most >= SERIES:
        found.append(Sign.SERIES)
    if visit.links > 1 and most >= visit.links:
        found.append(Sign.ALL_LINKS)
    return found


def _of_one(one: Visit, other: Visit) -> bool:
    return one.actor == other.actor or _near(one.at, other.at)


def _near(one: float, other: float) -> bool:
    return abs(one - other) < _TOGETHER


class Memory(Generic[Seen]):
    """What was seen lately, by key; the oldest keys are forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, list[tuple[float, Seen]]] = OrderedDict()

    def add(self, key: Hashable, at: float, seen: Seen) -> None:
        """Remember one more."""
        kept = [one for one in self._seen.pop(key, ()) if _near(one[0], at)]
        self._seen[key] = [*kept[-_MOST_SEEN:], (at, seen)]
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def near(self, key: Hashable, at: float) -> list[Seen]:
        """What was seen about then."""
        return [seen for when, seen in self._seen.get(key, ()) if _near(when, at)]
