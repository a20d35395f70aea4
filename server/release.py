"""What a process runs, as it says to the others of its database: they must agree to move and send together.

While one release takes the place of another, processes of both are there: those that do not run what
the first runs only receive (`server.succession`).
"""

import hashlib
from typing import NamedTuple

from server.plugins import Plugins
from server.publication.edition import edition
from server.settings import Settings
from server.store.versions import head


class Release(NamedTuple):
    """`edition`: how it reads the rules; `tables`: the last migration that it knows.

    `project`: what it has of settings and extensions, which are the same whatever the release.
    """

    edition: str
    tables: str
    project: str

    def __str__(self) -> str:
        return "/".join(self)


def release(settings: Settings, plugins: Plugins) -> Release:
    """What processes of one database must have in common."""
    context = (*plugins.names, str(settings.zone), settings.currency)
    project = hashlib.sha256("\0".join(context).encode())
    return Release(edition(plugins.sources(), context), head(), project.hexdigest())


def release_said(said: str) -> Release:
    """What a process said of itself; one that is of no project if it said it in another way."""
    parts = said.split("/")
    return Release(*parts) if len(parts) == len(Release._fields) else Release(said, "", "")
