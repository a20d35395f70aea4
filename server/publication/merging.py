"""Three texts of one script, line by line: what two people made of the same one, put together.

Where both changed the same lines otherwise, neither wins: both are shown, and nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that both changed: from which line of the common text (1-based), and what each made of them."""

    line: int
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The text of both; where they clash, it holds what was common."""

    text: str
    clashes: tuple[Clash, ...] = ()


def merged(base: str, ours: str, theirs: str) -> Merge:
    """What `ours` and `theirs` both made of `base` (the diff3 of Khanna, Kunal and Pierce, 2007)."""
    lines = [one.splitlines(keepends=True) for one in (base, ours, theirs)]
    parts: list[str] = []
    clashes: list[Clash] = []
    for at, common, left, right in _chunks(*lines):
        if left == right or right == common:
            parts += left
        elif left == common:
            parts += right
        else:
            parts += common
            clashes.append(Clash(at + 1, "".join(common), "".join(left), "".join(right)))
    return Merge("".join(parts), tuple(clashes))


_Chunk = tuple[int, Sequence[str], Sequence[str], Sequence[str]]


def _chunks(base: list[str], ours: list[str], theirs: list[str]) -> Iterator[_Chunk]:
    """Stretches of the three, in turn: those where all agree, those where one or both do not."""
    left, right = _kept(base, ours), _kept(base, theirs)
    a = b = c = 0
    while True:
        at = a
        while at < len(base) and left.get(at) == b + at - a and right.get(at) == c + at - a:
            at += 1
        if at > a:
            same = base[a:at]
            yield a, same, same, same
            a, b, c = at, b + at - a, c + at - a
            continue
        # The next line that all three still have.
        stop = next((one for one in range(a, len(base)) if one in left and one in right), None)
        if stop is None:
            if a < len(base) or b < len(ours) or c < len(theirs):
                yield a, base[a:], ours[b:], theirs[c:]
            return
        yield a, base[a:stop], ours[b : left[stop]], theirs[c : right[stop]]
        a, b, c = stop, left[stop], right[stop]


def _kept(base: list[str], other: list[str]) -> dict[int, int]:
    """Which lines of the common text another has, and where."""
    found = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {a + at: b + at for a, b, size in found for at in range(size)}
