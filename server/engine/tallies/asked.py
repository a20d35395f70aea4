"""A question that the rules ask of a history, and who asks it."""

from typing import NamedTuple

from server.engine.conditions.tallies import Question
from server.engine.version import Version


class CountedQuestion(NamedTuple):
    """A question, and who asks it: nobody in particular, or those who are somewhere."""

    question: Question
    version: Version | None = None
    statement: int | None = None
