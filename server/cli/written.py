"""A phrase's pattern as people read it: « Lien (lien) cliqué dans courriel (courriel) »."""

import re

_SLOT = re.compile(r"\{(\w+):([^}]+)\}")


def written(pattern: str) -> str:
    """The pattern with its slots in parentheses, named by their type."""
    return _SLOT.sub(lambda slot: f"({slot.group(2)})", pattern)
