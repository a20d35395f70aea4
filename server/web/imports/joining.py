"""The lists and tags that a form proposes to put the leads of a file on: those there are, to be ticked."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from relance.errors import RelanceError
from relance.fold import key_of
from server.language.draft import DraftLanguage

#: More are not ticked: their name is typed.
_MOST = 60
_TAG = key_of("étiquette")


@dataclass(frozen=True, slots=True)
class JoinedNames:
    """`known`: each with whether it is chosen; `others`: those chosen that are typed; `more`: not shown."""

    known: Sequence[tuple[str, bool]]
    others: Sequence[str]
    more: int

    @classmethod
    def of(cls, names: Sequence[str], chosen: Sequence[str]) -> "JoinedNames":
        """What there is, and what of it a form asks already."""
        wanted = {key_of(one) for one in chosen}
        shown = [*names[:_MOST], *(one for one in names[_MOST:] if key_of(one) in wanted)]
        keys = {key_of(one) for one in shown}
        others = [one for one in chosen if key_of(one) not in keys]
        ticked = [(one, key_of(one) in wanted) for one in shown]
        return cls(ticked, others, len(names) - len(shown))


async def tags_of(draft: DraftLanguage) -> Sequence[str]:
    """Those that the scripts name: what campaigns do with a tag, they say there.

    None while a great draft is read, or when it cannot be: they are typed then.
    """
    with suppress(OSError, RelanceError):
        return await draft.soon(
            lambda service: sorted({one.name for one in service.names.of(_TAG)}, key=key_of), ()
        )
    return ()
