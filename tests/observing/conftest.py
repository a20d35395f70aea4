"""The server of the tests of HTTP, for who watches it."""

from tests.http.conftest import settings, site, start

__all__ = ["settings", "site", "start"]
