"""A base that cannot be opened is the operator's to know, in a sentence: at start, or by a command."""

import contextlib
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from relance.errors import ConfigurationError, StoreUnavailable
from server.store.store import in_french, of_driver
from server.system_words import os_message


@contextlib.contextmanager
def reached() -> Iterator[None]:
    """A database that cannot be opened is the operator's to know, in a sentence."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"La base ne peut pas être ouverte. {os_message(error)}"
        ) from error
    except (DBAPIError, StoreUnavailable) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        raise ConfigurationError(
            f"La base ne peut pas être ouverte : {in_french(why or error)}."
        ) from error
    except Exception as error:
        if not of_driver(error):
            raise
        raise ConfigurationError(
            f"La base ne peut pas être ouverte : {in_french(error)}."
        ) from error
