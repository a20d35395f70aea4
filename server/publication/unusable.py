"""A draft that cannot be read, or written: which of its files, and why; the same at every door.

Whoever edits a folder may leave anything in it. What stands in the way is a person's to mend, and no
fault of the server's: it is raised where files are read and written, and answered in one place.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from relance.errors import RelanceError, StoreUnavailable
from relance.french import quoted
from server.system_words import os_message


class UnusableDraft(RelanceError):
    """It cannot be read or, `writing`, not be written; its text names the file, in French."""

    def __init__(self, message: str, *, writing: bool = False) -> None:
        super().__init__(message)
        self.writing = writing


def text_of(name: str, content: bytes) -> str:
    """What a file of the draft says; UnusableDraft where it is no text."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnusableDraft(
            f"{quoted(name)} n’est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le de nouveau en choisissant l’encodage UTF-8."
        ) from error


@contextmanager
def reading_draft() -> Iterator[None]:
    """What goes wrong meanwhile is that the draft cannot be read; the store's own troubles stay its."""
    try:
        yield
    except (StoreUnavailable, UnusableDraft):
        raise
    except OSError as error:
        raise UnusableDraft(os_message(error)) from error
    except RelanceError as error:
        raise UnusableDraft(str(error)) from error


@contextmanager
def writing_draft() -> Iterator[None]:
    """What the system refuses meanwhile is that the draft be written."""
    try:
        yield
    except OSError as error:
        raise UnusableDraft(os_message(error), writing=True) from error
