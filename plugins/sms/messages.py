"""The SMS of a project: every `.txt` file of its `sms` folders."""

from plugins.sms.parts import size_of
from relance.templates import TextMessages

#: Past that many parts, providers refuse, and nobody reads.
MOST_PARTS = 10


def _unfit(text: str) -> str | None:
    size = size_of(text)
    if size.parts <= MOST_PARTS:
        return None
    return f"ce SMS est trop long ({size.said()}) ; {MOST_PARTS} parties au plus"


MESSAGES = TextMessages(
    "sms",
    "le SMS",
    slot="SMS",
    help="Le nom d’un message du dossier «\u00a0sms\u00a0», ou celui d’un SMS écrit sur place.",
    unfit=_unfit,
    channel="sms",
)
