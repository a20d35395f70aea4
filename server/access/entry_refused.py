"""What somebody asked that cannot be: in which field, why, and what to write instead."""


class EntryRefused(Exception):
    """The message is French, for whoever filled the form; `field` is where it belongs, if anywhere."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field
