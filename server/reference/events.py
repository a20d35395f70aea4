"""Events in French, for those who ask what makes an answer change."""

from collections.abc import Iterable

from relance.events import EventPattern
from server.reports.glossary import Glossary


def names_of(patterns: Iterable[EventPattern], glossary: Glossary) -> list[str]:
    """What the types in these patterns are called, each once, in alphabetical order."""
    return sorted({glossary.event_label(one.type) for one in patterns})
