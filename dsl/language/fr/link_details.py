"""What people who know analytics tools write for the details of a tracked link."""

from typing import Final

#: As identifiers → what is to be written.
DETAILS_MEANT: Final = {
    "medium": "support",
    "campaign": "campagne",
    "term": "terme",
    "content": "contenu",
}
