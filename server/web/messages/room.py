"""The parts that pages of messages and programs share: one desk, one count of what is tried."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.access.register import AccessRegister
from server.language.draft import DraftLanguage
from server.settings import PublishingMode
from server.web.messages.desk import MessageDesk
from server.web.messages.listing import MessagesPage
from server.web.messages.message import MessagePage
from server.web.messages.trying import MessageTries
from server.web.office import Office
from server.web.page import Access, Page


@dataclass(frozen=True, slots=True)
class MessageRoom:
    """Where messages are looked at, written and tried. `write`: who writes them.

    Where what is saved is published, saving is for who publishes.
    """

    desk: MessageDesk
    tries: MessageTries
    at_once: bool

    @classmethod
    def of(cls, office: Office, draft: DraftLanguage, register: AccessRegister) -> "MessageRoom":
        """That of a server."""
        desk = MessageDesk(office, draft)
        at_once = office.settings.publishing is PublishingMode.ON_SAVING
        return cls(desk, MessageTries(desk, register), at_once)

    @property
    def write(self) -> Access:
        """Who may write."""
        return Access.PUBLISH if self.at_once else Access.WRITE

    def pages(self) -> Iterator[Page]:
        """The list, then each of them."""
        yield from MessagesPage(self.desk, self.write).pages()
        yield from MessagePage(self.desk, self.tries, self.write, self.at_once).pages()
