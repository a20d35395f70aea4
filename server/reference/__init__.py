"""The reference of the catalogue: every phrase told from what the plugins themselves say."""

from server.reference.entries import ReferenceEntry, ReferenceSection, sections
from server.reference.page import page
from server.reference.report import phrases_report
from server.reference.search import searched

__all__ = ["ReferenceEntry", "ReferenceSection", "page", "phrases_report", "searched", "sections"]
