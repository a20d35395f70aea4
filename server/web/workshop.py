"""What the draft is written with, by people on pages and by programs: one of each for a whole server."""

from dataclasses import dataclass

from server.access.register import AccessRegister
from server.campaign_library.shelf import ModelShelf
from server.language.draft import DraftLanguage
from server.publication.drafting import DraftTexts
from server.settings import PublishingMode
from server.web.messages.room import MessageRoom
from server.web.office import Office
from server.web.page import Access


@dataclass(frozen=True, slots=True)
class Workshop:
    """The scripts of the draft and what is said of them, the ready campaigns, the messages.

    `at_once`: what is saved is published as it is.
    """

    draft: DraftLanguage
    scripts: DraftTexts
    shelf: ModelShelf
    messages: MessageRoom
    at_once: bool

    @classmethod
    def of(cls, office: Office, draft: DraftLanguage, register: AccessRegister) -> "Workshop":
        """That of a server."""
        folder = office.settings.folder
        shelf = ModelShelf(folder, office.catalogue)
        at_once = office.settings.publishing is PublishingMode.ON_SAVING
        messages = MessageRoom.of(office, draft, register)
        return cls(draft, DraftTexts(folder), shelf, messages, at_once)

    @property
    def writing(self) -> Access:
        """Who may change the draft: where what is saved is published, saving is for who publishes."""
        return Access.PUBLISH if self.at_once else Access.WRITE
