"""The reference of the catalogue: every phrase told from what the plugins themselves say."""

from server.reference.entries import Entry, Section, sections
from server.reference.page import page

__all__ = ["Entry", "Section", "page", "sections"]
