"""Files of a project that other accounts of the machine must not read, whatever the umask.

The base, what SQLite keeps beside it, the secret of links and what waits in `.relance` hold people's
data: the folder is for its owner alone (0700), each file too (0600). A file made by an older version
or restored from a copy is closed again at the next start; one that cannot be is refused, in a
sentence, before anything is read.
"""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from relance.errors import ConfigurationError

log = logging.getLogger("relance.server")

FOLDER = ".relance"
#: What SQLite, and the lock of the one server, keep beside a database.
_BESIDE = ("", "-wal", "-shm", "-journal", "-serveur")
_OTHERS = 0o077
_POSIX = os.name == "posix"


def folder(path: Path) -> Path:
    """That folder, made if it was not there, with those above it: for their owner alone."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
    return path


def file(path: Path) -> Path:
    """That file, made empty if it was not there: SQLite gives its mode to those it makes beside."""
    folder(path.parent)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return path


def close_to_others(project: Path, database: str) -> None:
    """Take from other accounts what they could read; ConfigurationError when it cannot be."""
    if not _POSIX:
        return
    for path in (*_kept(project / FOLDER), *_base(database)):
        _close(path)
    _warn_of_settings(project / "relance.toml")


def _kept(inside: Path) -> Iterator[Path]:
    if not inside.is_dir():
        return
    yield inside.resolve()
    for root, folders, files in os.walk(inside.resolve()):
        yield from (Path(root, name) for name in (*folders, *files))


def _base(database: str) -> Iterator[Path]:
    """The files of a SQLite database that stands elsewhere than in `.relance`."""
    given = make_url(database)
    if given.get_backend_name() != "sqlite" or given.database in (None, "", ":memory:"):
        return
    for end in _BESIDE:
        yield Path(f"{given.database}{end}")


def _close(path: Path) -> None:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return  # who opens it says so, in a sentence
    if stat.S_ISLNK(found.st_mode) or not found.st_mode & _OTHERS:
        return
    wanted = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    try:
        path.chmod(wanted)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigurationError(
            f"« {path} » peut être lu par d’autres comptes de cette machine, et ce compte-ci ne peut "
            f"pas le leur fermer. Sous le compte à qui il est : chmod {wanted:o} '{path}'"
        ) from error
    if path.lstat().st_mode & _OTHERS:
        log.warning("ce disque ne sait pas fermer «\u00a0%s\u00a0» aux autres comptes", path)
    else:
        log.info("«\u00a0%s\u00a0» n’est plus lisible par les autres comptes", path)


def _warn_of_settings(path: Path) -> None:
    """The settings are the team's own file, which may be shared: its mode is not changed."""
    try:
        if not path.stat().st_mode & stat.S_IROTH:
            return
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if any(line.strip().startswith(_SECRETS) for line in text.splitlines()):
        log.warning(
            "relance.toml tient un secret et peut être lu par tous les comptes de cette machine\u00a0: "
            "chmod 640 relance.toml, ou mettez le secret dans l’environnement"
        )


_SECRETS = ("secret", "jeton", "mot_de_passe", "cle_privee")
