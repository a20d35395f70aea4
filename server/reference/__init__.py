"""The reference of the catalogue: every phrase told from what the plugins themselves say."""

from server.reference.entries import Entry, Section, sections
from server.reference.page import page
from server.reference.report import phrases_report
from server.reference.search import searched

__all__ = ["Entry", "Section", "page", "phrases_report", "searched", "sections"]
