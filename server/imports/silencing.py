"""By which channels a file says that nobody is to write, and reads as it writes.

A file names them by their label, « courriel », or by the name plugins give them; « oui » is all of
those that write to a field of the lead.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from relance.channel_type import ChannelType
from relance.fold import key_of
from relance.french import quoted
from server.imports.cells import Unfit
from server.store.fields import FieldCatalogue

#: A channel, and the column of the address it is silent at.
Silenced: TypeAlias = tuple[str, str]


class Silencing:
    """What may stand in such a cell, for leads of those fields."""

    def __init__(self, channels: Iterable[ChannelType], fields: FieldCatalogue) -> None:
        self._words: dict[str, tuple[Silenced, ...]] = {"non": (), "oui": ()}
        self._labels: dict[str, str] = {}
        for one in channels:
            field = fields.get(one.address_field) if one.address_field else None
            if field is None:
                continue
            silenced = ((one.channel, field.column.name),)
            self._words["oui"] += silenced
            self._words |= {key_of(word): silenced for word in (one.channel, one.label)}
            self._labels[one.channel] = one.label.lower()

    def read(self, words: Sequence[str]) -> Sequence[Silenced]:
        """What a cell says; Unfit for a word that is none of them."""
        found: dict[Silenced, None] = {}
        for word in words:
            if (known := self._words.get(key_of(word))) is None:
                named = ", ".join(self._labels.values())
                raise Unfit(f"{quoted(word)} n’est pas un moyen d’écrire : {named}, oui ou non")
            found |= dict.fromkeys(known)
        return tuple(found)

    def written(self, channels: Iterable[str]) -> Sequence[str]:
        """How a file says these; what it could not say of a lead is left out."""
        return sorted(self._labels[one] for one in channels if one in self._labels)
