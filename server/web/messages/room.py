"""The parts that pages of messages and programs share: one desk, one count of what is tried."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.access.register import AccessRegister
from server.language.draft import DraftLanguage
from server.web.messages.desk import MessageDesk
from server.web.messages.listing import MessagesPage
from server.web.messages.message import MessagePage
from server.web.messages.trying import MessageTries
from server.web.office import Office
from server.web.page import Access, Page


@dataclass(frozen=True, slots=True)
class MessageRoom:
    """Where messages are looked at, written and tried."""

    desk: MessageDesk
    tries: MessageTries

    @classmethod
    def of(cls, office: Office, draft: DraftLanguage, register: AccessRegister) -> "MessageRoom":
        """That of a server."""
        desk = MessageDesk(office, draft)
        return cls(desk, MessageTries(desk, register))

    @property
    def write(self) -> Access:
        """Who may write."""
        return self.desk.office.writing

    def pages(self) -> Iterator[Page]:
        """The list, then each of them."""
        yield from MessagesPage(self.desk, self.write).pages()
        yield from MessagePage(self.desk, self.tries, self.write).pages()
