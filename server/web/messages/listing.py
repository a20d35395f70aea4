"""« Messages »: those of the draft by channel, what became of them lately, who sends them; a new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from relance.errors import StoreUnavailable
from relance.fold import key_of
from relance.nature import Nature
from server.language.uses import NameUse
from server.preview.checks import faulty
from server.preview.messages import LONGEST_NAME, Misnamed, WrittenMessage
from server.reports.performance.messages import MessageLine, message_lines
from server.reports.performance.reading import DaySpan
from server.store.schema.campaigns import campaigns
from server.store.search import search_key
from server.web.frame import Flash, done
from server.web.messages.desk import MessageDesk, key_of_message
from server.web.office import Office, posted
from server.web.page import Access, Page

PATH = "/messages"
#: Of how many days figures are told, today included.
DAYS = 30
_LONGEST = 100
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


async def listed(desk: MessageDesk) -> tuple[Sequence[ListedMessage], bool]:
    """Every message of the draft, and whether its figures could be read."""
    office, messages = desk.office, await desk.messages()
    uses, wrong = await desk.uses(), faulty(messages)
    nature = office.plugins.natures(lambda: messages.files)
    numbers, lines, known = await _figures(office)
    found = []
    for one in messages:
        names = dict.fromkeys(each.campaign for each in uses.get(key_of_message(one), ()))
        found.append(
            ListedMessage(
                one,
                office.glossary.channel(one.channel),
                nature(one.channel, one.name),
                one.file in wrong,
                [(name, numbers.get(key_of(name))) for name in names if name],
                lines.get(key_of_message(one), MessageLine(one.channel, one.name)),
            )
        )
    found.sort(key=lambda one: (one.channel, search_key(one.message.name)))
    return found, known


async def _figures(
    office: Office,
) -> tuple[Mapping[str, int], Mapping[tuple[str, str], MessageLine], bool]:
    today = office.clock.now().astimezone(office.settings.zone).date()
    days = DaySpan(today - timedelta(days=DAYS - 1), today)
    try:
        async with office.store.read() as conn:
            query = select(campaigns.c.key, campaigns.c.id)
            numbers = {row.key: row.id for row in await conn.execute(query)}
            lines = await message_lines(conn, list(numbers.values()), days, each=True)
    except StoreUnavailable:
        return {}, {}, False
    return numbers, {(one.channel, key_of(one.message or "")): one for one in lines}, True


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
        """All of them, or those whose name, or whose campaign, holds what is searched."""
        sought = request.query_params.get("cherche", "")[:_LONGEST].strip()
        found, known = await listed(self.desk)
        words = search_key(sought).split()
        kept = [one for one in found if all(word in _searched(one) for word in words)]
        groups = [(name, list(those)) for name, those in groupby(kept, lambda one: one.channel)]
        return self.desk.office.frame.page(
            request,
            "messages.html",
            here="messages",
            title="Messages",
            groups=groups,
            empty=not found,
            count=len(kept),
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


def _searched(one: ListedMessage) -> str:
    used = " ".join(name for name, _ in one.campaigns)
    return search_key(f"{one.message.name} {one.message.file} {used}")


def places(uses: Sequence[NameUse]) -> Sequence[NameUse]:
    """The scripts that send it, a line each."""
    return sorted(uses, key=lambda one: (one.file, one.line))
