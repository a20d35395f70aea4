"""« Messages »: those of the draft by channel, what became of them lately, who sends them; a new one."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import StoreUnavailable
from relance.fold import key_of
from relance.nature import Nature
from server.language.uses import NameUse
from server.preview.checks import faulty
from server.preview.messages import LONGEST_NAME, Misnamed, ProjectMessages, WrittenMessage
from server.publication.unusable import UnusableDraft
from server.reports.glossary import Glossary
from server.reports.performance.messages import MessageLine, named_messages
from server.reports.performance.reading import DaySpan
from server.store.schema.campaigns import campaigns
from server.store.search import search_key
from server.web.frame import Flash, done
from server.web.messages.desk import MessageDesk, Uses, key_of_message
from server.web.office import Office, posted
from server.web.page import Access, Page

PATH = "/messages"
#: Of how many days figures are told, today included.
DAYS = 30
#: So many lines a page.
MOST = 200
_LONGEST, _LONGEST_PLACE, _PLACES = 100, 1_000, 3
_AT_ONCE = 5_000
_UNWRITTEN = "Le dossier du projet ne peut pas être écrit : rien ne l’a été."


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A line. `campaigns`: those that send it, each with its number when it was published."""

    message: WrittenMessage
    channel: str
    nature: Nature
    faulty: bool
    campaigns: Sequence[tuple[str, int | None]]
    figures: MessageLine

    @property
    def address(self) -> str:
        """Where it is written: its own page, or the script that holds it."""
        if self.message.script:
            return f"/scripts/{self.message.script}"
        return f"{PATH}/{self.message.file}"

    def rate(self, fate: str) -> float | None:
        """The share of those that left which came to that."""
        return self.figures.of((fate,)) / self.figures.sent if self.figures.sent else None


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """Where a message stands in the list. `place`: by what lines are sorted; `sought`: where words of a
    search are looked for."""

    message: WrittenMessage
    channel: str
    place: tuple[str, str, str]
    uses: Sequence[str]
    sought: str
    faulty: bool


async def entries(desk: MessageDesk) -> tuple[ProjectMessages, Sequence[MessageEntry]]:
    """Every message of the draft, in order; made once for as long as it does not change."""
    messages, uses = await desk.messages(soon=True), await desk.uses(soon=True)
    return messages, await desk.made_of(messages, uses, partial(_entries, desk.office.glossary))


def _entries(
    glossary: Glossary,
    messages: ProjectMessages,
    uses: Uses,
) -> Sequence[MessageEntry]:
    found, wrong = [], faulty(messages)
    for one in messages:
        names = dict.fromkeys(each.campaign for each in uses.get(key_of_message(one), ()))
        used = [name for name in names if name]
        channel, name = glossary.channel(one.channel), search_key(one.name)
        sought = search_key(f"{one.name} {one.file} {' '.join(used)}")
        place = channel, name, one.file
        found.append(MessageEntry(one, channel, place, used, sought, one.file in wrong))
    return sorted(found, key=lambda one: one.place)


async def listed(
    desk: MessageDesk, messages: ProjectMessages, shown: Sequence[MessageEntry]
) -> tuple[Sequence[ListedMessage], bool]:
    """What is said of those, and whether their figures could be read."""
    nature = desk.office.plugins.natures(lambda: messages.files)
    numbers, lines, known = await _figures(desk.office, shown)
    found = [
        ListedMessage(
            one.message,
            one.channel,
            nature(one.message.channel, one.message.name),
            one.faulty,
            [(name, numbers.get(key_of(name))) for name in one.uses],
            lines.get(
                key_of_message(one.message), MessageLine(one.message.channel, one.message.name)
            ),
        )
        for one in shown
    ]
    return found, known


async def _figures(
    office: Office, shown: Sequence[MessageEntry]
) -> tuple[Mapping[str, int], Mapping[tuple[str, str], MessageLine], bool]:
    today = office.clock.now().astimezone(office.settings.zone).date()
    days = DaySpan(today - timedelta(days=DAYS - 1), today)
    keys = sorted({key_of(name) for one in shown for name in one.uses})
    numbers: dict[str, int] = {}
    try:
        async with office.store.read() as conn:
            for at in range(0, len(keys), _AT_ONCE):
                some = campaigns.c.key.in_(keys[at : at + _AT_ONCE])
                query = select(campaigns.c.key, campaigns.c.id).where(some)
                numbers |= {row.key: row.id for row in await conn.execute(query)}
            lines = await named_messages(conn, days, {one.message.name for one in shown})
    except StoreUnavailable:
        return {}, {}, False
    return numbers, lines, True


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Shows them, and begins new ones. `write`: who may, as of scripts."""

    desk: MessageDesk
    write: Access

    def pages(self) -> Iterator[Page]:
        """The list, and what makes a new one."""
        yield Page(PATH, Access.READ, self.page)
        yield Page(f"{PATH}/nouveau", self.write, self.begin, ("GET", "POST"))

    async def page(self, request: Request) -> Response:
        """All of them, or those whose name, or whose campaign, holds what is searched: a part at once."""
        sought = request.query_params.get("cherche", "")[:_LONGEST].strip()
        after = request.query_params.get("apres", "")[:_LONGEST_PLACE]
        messages, every = await entries(self.desk)
        words = search_key(sought).split()
        kept = [one for one in every if all(word in one.sought for word in words)]
        begin = _beyond(kept, after)
        found, known = await listed(self.desk, messages, kept[begin : begin + MOST])
        groups = [(name, list(those)) for name, those in groupby(found, lambda one: one.channel)]
        more = kept[begin + MOST - 1].place if len(kept) > begin + MOST else ()
        then = {"cherche": sought, "apres": "\n".join(more)}
        return self.desk.office.frame.page(
            request,
            "messages.html",
            here="messages",
            title="Messages",
            groups=groups,
            empty=not every,
            count=len(kept),
            then=f"{PATH}?{urlencode({k: v for k, v in then.items() if v})}" if more else "",
            first=f"{PATH}?{urlencode({'cherche': sought})}" if begin else "",
            known=known,
            sought=sought,
            days=DAYS,
        )

    async def begin(self, request: Request) -> Response:
        """Under which name, on which channel; then it is written, and opened."""
        values: dict[str, Any] = {"name": "", "channel": ""}
        refused = ""
        if request.method == "POST":
            fields = await posted(request)
            values = {"name": fields.get("nom", "")[:1_000], "channel": fields.get("canal", "")}
            try:
                messages, folder = await self.desk.messages(), self.desk.office.settings.folder
                file = messages.begin(folder, values["channel"], values["name"])
                said = "Ce message est dans le brouillon : écrivez-le, essayez-le, puis publiez."
                return done(f"{PATH}/{file}", Flash(said))
            except Misnamed as wrong:
                refused = str(wrong)
            except LookupError:
                refused = "Choisissez par quel canal il part."
            except UnusableDraft as unusable:
                refused = str(unusable)
            except OSError:
                refused = _UNWRITTEN
        office = self.desk.office
        kinds = {
            one.channel: office.glossary.channel(one.channel) for one in office.plugins.edited()
        }
        return office.frame.page(
            request,
            "new_message.html",
            here="messages",
            title="Nouveau message",
            trail=(("Messages", PATH),),
            status=422 if refused else 200,
            kinds=kinds,
            refused=refused,
            longest=LONGEST_NAME,
            **values,
        )


def _beyond(kept: Sequence[MessageEntry], after: str) -> int:
    """The place of the first line after that one, which may be gone; the first of all, of no place."""
    place = tuple(after.split("\n"))
    return bisect_right(kept, place, key=lambda one: one.place) if len(place) == _PLACES else 0


def places(uses: Sequence[NameUse]) -> Sequence[NameUse]:
    """The scripts that send it, a line each."""
    return sorted(uses, key=lambda one: (one.file, one.line))
