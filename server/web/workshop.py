"""What the draft is written with, by people on pages and by programs: one of each for a whole server."""

from dataclasses import dataclass

from server.access.register import AccessRegister
from server.campaign_library.shelf import ModelShelf
from server.language.draft import DraftLanguage
from server.publication.drafting import DraftTexts
from server.web.messages.room import MessageRoom
from server.web.office import Office


@dataclass(frozen=True, slots=True)
class Workshop:
    """The scripts of the draft and what is said of them, the ready campaigns, the messages."""

    office: Office
    draft: DraftLanguage
    scripts: DraftTexts
    shelf: ModelShelf
    messages: MessageRoom

    @classmethod
    def of(cls, office: Office, draft: DraftLanguage, register: AccessRegister) -> "Workshop":
        """That of a server."""
        folder = office.settings.folder
        notice = office.frame.notice
        shelf = ModelShelf(folder, office.catalogue, notice.plays if notice else None)
        messages = MessageRoom.of(office, draft, register)
        return cls(office, draft, DraftTexts(folder), shelf, messages)
