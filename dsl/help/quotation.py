"""What an author wrote, shown in a message: shortened, so that it stays readable whatever was pasted."""

from relance import french


def quoted(text: str) -> str:
    """A stretch of the source between « »."""
    kept = " ".join(text.split())
    return french.quoted(kept if len(kept) <= 80 else kept[:79] + "…")
