"""What was compiled of campaigns and lists: of what a publication leaves as it was, it lasts."""

from collections.abc import Collection
from dataclasses import dataclass, field

from server.engine.lists.members import Members
from server.engine.statements.plan import CompiledVersion
from server.store.fields import FieldCatalogue


@dataclass
class Compiled:
    """Of versions and of lists, by number. `edition`: of the fields they were compiled with."""

    edition: int
    versions: dict[int, CompiledVersion] = field(default_factory=dict)
    lists: dict[int, Members] = field(default_factory=dict)

    def lasting(self, versions: Collection[int], fields: FieldCatalogue) -> "Compiled":
        """A copy to go on with, of these versions alone: what comes may never be committed.

        A version never changes: read again from the store, it is compiled to the same. Whether a
        list is the same its own statements tell.
        """
        if fields.edition != self.edition:
            return Compiled(fields.edition)
        kept = {number: self.versions[number] for number in self.versions.keys() & versions}
        return Compiled(self.edition, kept, dict(self.lists))
