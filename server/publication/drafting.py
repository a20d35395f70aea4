"""Texts of a draft written from the pages, scripts or messages: each save says which it started from.

Somebody else may have saved meanwhile, here or in the folder. What they did is kept: both are put
together line by line, and where they clash nothing is written. A text is put in place whole.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from server.folder import is_script, read_whole, scripts
from server.publication.merging import Clash, merged
from server.publication.replacement import put_anew, put_in_place
from server.publication.unusable import reading_draft, text_of, writing_draft

#: Texts handed to who edits, remembered to put theirs and others' together.
_REMEMBERED = 400
#: What some editors put before a text.
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class DraftText:
    """A text as it is in the draft; `version` names exactly that text."""

    file: str
    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written. `joined`: somebody else's changes are in it too."""

    text: DraftText
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Clashing:
    """Nothing was written: somebody else changed the same lines, or what it started from is forgotten."""

    theirs: DraftText
    clashes: tuple[Clash, ...] = ()


def version_of(text: str) -> str:
    """What names a text."""
    return sha256(text.encode()).hexdigest()[:32]


class DraftTexts:
    """Texts of a project's folder. UnusableDraft where they cannot be read or written."""

    def __init__(
        self,
        folder: Path,
        listed: Callable[[Path], Iterable[Path]] = scripts,
        held: Callable[[Path, str], bool] = is_script,
    ) -> None:
        self._folder, self._listed, self._held = folder, listed, held
        self._known: OrderedDict[str, str] = OrderedDict()
        self._one_at_a_time = Lock()

    def names(self) -> list[str]:
        """Each by its path in the folder, in order."""
        return [one.relative_to(self._folder).as_posix() for one in self._listed(self._folder)]

    def _has(self, file: str) -> bool:
        return self._held(self._folder, file)

    def dates(self) -> dict[str, float]:
        """When each was written last, in seconds since 1970, by its path, in order."""
        with reading_draft():
            return {
                one.relative_to(self._folder).as_posix(): one.stat().st_mtime
                for one in self._listed(self._folder)
            }

    def read(self, file: str) -> DraftText:
        """One of them; LookupError for anything else."""
        if not self._has(file):
            raise LookupError(file)
        with reading_draft():
            content = read_whole(self._folder / file, file)
        text = text_of(file, content).removeprefix(_BOM).replace("\r\n", "\n")
        return self._remembered(DraftText(file, text, version_of(text)))

    def save(self, file: str, text: str, started_from: str) -> Saved | Clashing:
        """Write a text that was made of the version it says."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        with self._one_at_a_time:
            now = self.read(file)
            if now.version == started_from or now.text == text:
                return Saved(self._write(file, text, now))
            base = self._known.get(started_from)
            if base is None:
                return Clashing(now)
            both = merged(base, text, now.text)
            if both.clashes:
                return Clashing(now, both.clashes)
            return Saved(self._write(file, both.text, now), joined=True)

    def add(self, file: str, line: str) -> int:
        """Write one more line at the end of a script, new if there is none; the number of that line."""
        with self._one_at_a_time:
            if not self._has(file):
                with writing_draft():
                    put_anew(self._folder / file, f"{line}\n")
                return 1
            now = self.read(file)
            kept = now.text.rstrip("\n")
            # Away from what is of another sort: « fin » ends what is above.
            beside = kept.rpartition("\n")[2].split(" ")[0] == line.split(" ")[0]
            text = f"{kept}\n{'' if beside else chr(10)}{line}\n" if kept else f"{line}\n"
            self._write(file, text, now)
            return text.count("\n")

    def change(self, texts: Mapping[str, tuple[str, str]]) -> bool:
        """Write other files of the folder, each from what it held to what it is to hold; nothing, and
        False, where one of them no longer holds that. Where one cannot be written, none is."""
        with self._one_at_a_time:
            with reading_draft():
                for file, (before, _) in texts.items():
                    if read_whole(self._folder / file, file) != before.encode():
                        return False
            with writing_draft(), ExitStack() as put_back:
                for file, (before, after) in texts.items():
                    put_in_place(self._folder / file, after)
                    put_back.callback(self._put_back, file, before)
                put_back.pop_all()
        return True

    def _put_back(self, file: str, text: str) -> None:
        """As it was: it is said that nothing was written, where the next of several could not be."""
        with suppress(OSError):
            put_in_place(self._folder / file, text)

    def _write(self, file: str, text: str, now: DraftText) -> DraftText:
        if text != now.text:
            with writing_draft():
                put_in_place(self._folder / file, text)
        return self._remembered(DraftText(file, text, version_of(text)))

    def _remembered(self, one: DraftText) -> DraftText:
        self._known[one.version] = one.text
        self._known.move_to_end(one.version)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return one
