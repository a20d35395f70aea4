"""What a draft holds that what runs does not, and the reverse: by files, without reading what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relance.project_files import ProjectFiles
from server.publication.draft import edited


@dataclass(frozen=True, slots=True)
class Difference:
    """The paths of files, in order."""

    added: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __iter__(self) -> Iterator[str]:
        """Each file, and what became of it, as people read it."""
        yield from (f"{name} (nouveau)" for name in self.added)
        yield from self.changed
        yield from (f"{name} (retiré)" for name in self.removed)


def difference(draft: ProjectFiles, running: ProjectFiles) -> Difference:
    """What publishing that draft would change of the files that run."""
    new, old = draft.contents, edited(running).contents
    return Difference(
        sorted(new.keys() - old.keys()),
        sorted(name for name in new.keys() & old.keys() if new[name] != old[name]),
        sorted(old.keys() - new.keys()),
    )
