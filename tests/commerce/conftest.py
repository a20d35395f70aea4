"""A real server that a shop posts to."""

from tests.http.conftest import settings, site, start

__all__ = ["settings", "site", "start"]
