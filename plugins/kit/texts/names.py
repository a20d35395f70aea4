"""The names of messages, as they are looked for."""

import re

from relance.french import unaccented


def fold(text: str) -> str:
    """A name as it is looked for: case, accents, apostrophes and spaces aside."""
    bare = unaccented(text.replace("’", "'").replace("œ", "oe"))
    return " ".join(re.sub(r"[\W_]+", " ", bare.casefold()).split())
