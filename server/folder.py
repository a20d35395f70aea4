"""A project's folder on disk: which of its files are the project's."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from pathlib import Path, PurePosixPath

#: How the name of a script ends.
SCRIPT = ".relance"
#: A folder whose files are no part of the project (the server keeps its data in one).
_HIDDEN = "."
#: Folders that tools fill, with other people's files.
_TOOLS = frozenset({"node_modules", "__pycache__"})


def entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Each file of the project, in no order. A folder of thousands is looked at every other second: so
    no more is asked of each than its directory tells."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for one in found:
                    if one.name[0] == _HIDDEN:
                        continue
                    if not one.is_dir():
                        yield one
                    elif one.name not in _TOOLS and not one.is_symlink():
                        waiting.append(one.path)
        except OSError:
            continue  # it went, or is nobody's to read


def files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """The project's files whose names end so, in order."""
    wanted = tuple(suffixes)
    named = (one for one in entries(folder) if one.name.endswith(wanted))
    return sorted(Path(one.path) for one in named if one.is_file())


def holds(folder: Path, file: str, suffixes: Collection[str]) -> bool:
    """Whether that path is that of one of `files`, the others not looked at."""
    *above, name = PurePosixPath(file).parts or ("",)
    if PurePosixPath(file).as_posix() != file or not name.endswith(tuple(suffixes)):
        return False
    if any(one[0] in (_HIDDEN, "/") or one in _TOOLS for one in above) or name[0] == _HIDDEN:
        return False
    inside = accumulate(above, Path.joinpath, initial=folder)
    return os.path.isfile(folder / file) and not any(one.is_symlink() for one in list(inside)[1:])


def scripts(folder: Path) -> list[Path]:
    """The project's scripts."""
    return files(folder, (SCRIPT,))


def is_script(folder: Path, file: str) -> bool:
    """Whether that path is one of `scripts`."""
    return holds(folder, file, (SCRIPT,))


def read_whole(path: Path, name: str) -> bytes:
    """A file of the project, which an error calls by its path there: of one that cannot be read to its
    end, the system says no name at all."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise OSError(error.errno, error.strerror, name) from error


class OnDisk(Mapping[str, bytes]):
    """Files of a folder by their path in it, each read when it is first looked at.

    A command that looks at one script of a large folder reads no more of it; a page that asks for one by
    its name does not even list the others. OSError for a file that cannot be read.

    `listed`: all of them; `held`: whether it has that one, None where only the list tells.
    """

    def __init__(
        self,
        folder: Path,
        listed: Callable[[], Collection[Path]],
        held: Callable[[str], bool | None],
    ) -> None:
        self._folder, self._listed, self._held = folder, listed, held
        self._read: dict[str, bytes] = {}

    @cached_property
    def _paths(self) -> Mapping[str, Path]:
        # By their texts: of thousands, to compare paths takes longer than to read some.
        skipped = len((self._folder / "_").as_posix()) - 1
        return {path.as_posix()[skipped:]: path for path in self._listed()}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            self._read[name] = read_whole(self._path(name), name)
        return self._read[name]

    def _path(self, name: str) -> Path:
        held = None if "_paths" in self.__dict__ else self._held(name)
        if held is None:
            return self._paths[name]
        if not held:
            raise KeyError(name)
        return self._folder / name

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
