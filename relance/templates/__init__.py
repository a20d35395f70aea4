"""Messages that a plugin writes from files of the project: what all of them share, so that one is short.

`TextMessages` is a whole kind of them, for a channel that sends texts; `Collection` makes one of any
files. The language is Liquid with few tags and filters, which no words of an author's can make last
(`language`, `budget`); what is wrong is told at its line (`reading`, `review`); a message is filled in
by a process apart, which can be killed (`filling`). Beside the contract proper, which imports nothing
of this, it needs Liquid.
"""

from relance.templates.collection import Collection, Messages, Read
from relance.templates.filling import Unfilled, filled
from relance.templates.language import HTML, TEXT, field_variables, names_in
from relance.templates.lasting import Lasting
from relance.templates.naming import head, named
from relance.templates.plain import PlainText, TextMessages
from relance.templates.reading import read_liquid, said
from relance.templates.reading_thread import in_reading_thread

__all__ = [
    "HTML",
    "TEXT",
    "Collection",
    "Lasting",
    "Messages",
    "PlainText",
    "Read",
    "TextMessages",
    "Unfilled",
    "field_variables",
    "filled",
    "head",
    "in_reading_thread",
    "named",
    "names_in",
    "read_liquid",
    "said",
]
