"""Whose failure an error is: one version's, which is set aside for the others to go on, or the store's."""

from sqlalchemy.exc import DBAPIError

from server.store.store import unavailable


class VersionFailed(Exception):
    """A version's own statement failed; the others need not stop for it."""

    def __init__(self, version_id: int) -> None:
        super().__init__(f"version {version_id}")
        self.version_id = version_id


def blame(version_id: int, error: Exception) -> Exception:
    """What to raise for an error met while running a version."""
    if isinstance(error, DBAPIError) and unavailable(error):
        return error
    return VersionFailed(version_id)
