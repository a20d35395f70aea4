"""The secret that signs public addresses: set by the operator, or made once and kept in a file.

It stands apart from the base, so that whoever reads a backup cannot write our links. It was once in
the base: a server that finds it there moves it.
"""

import logging
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import ConfigurationError
from server import private
from server.settings import Settings
from server.store.forgotten import Forgotten
from server.store.schema.events import events
from server.store.schema.server import server_settings
from server.store.store import Store
from server.system_words import os_message
from server.tokens import Signer

log = logging.getLogger("relance.server")

Read = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

FILE = "secret"
_NAME = "signing_secret"
_FORGOTTEN = "forgotten"
_BYTES = 32


async def signing_secret(store: Store, settings: Settings) -> bytes:
    """The secret of tokens: the one set, else the one of the file, made at the first start."""
    place = settings.folder / private.FOLDER / FILE
    async with store.write() as conn:
        kept = _read(place)
        former = await _former(conn)
        if kept is None and (former is not None or settings.secret is None):
            kept = former or await _new(conn, place)
            _write(place, kept)
        if former is not None:
            await _forget(conn, former)
    return settings.secret or kept or b""


def kept_secret(settings: Settings) -> bytes | None:
    """That secret, for whoever only reads; None when no server ever ran here."""
    return settings.secret or _read(settings.folder / private.FOLDER / FILE)


async def recognise(store: Store, settings: Settings) -> Signer:
    """Have a store recognise those who were forgotten; who signs under the secret."""
    signer = Signer(await signing_secret(store, settings))
    async with store.read() as conn:
        await store.forgotten.recognise(conn, partial(signer.digest, _FORGOTTEN))
    return signer


async def forgotten_of(read: Read, settings: Settings) -> Forgotten:
    """Those who were forgotten, for whoever reads beside a running server."""
    found, secret = Forgotten(), kept_secret(settings)
    if secret is not None:
        async with read() as conn:
            await found.recognise(conn, partial(Signer(secret).digest, _FORGOTTEN))
    return found


async def _former(conn: AsyncConnection) -> bytes | None:
    """The one that the base holds."""
    query = select(server_settings.c.value).where(server_settings.c.name == _NAME)
    found = (await conn.execute(query)).scalar_one_or_none()
    return None if found is None else bytes.fromhex(found)


async def _new(conn: AsyncConnection, place: Path) -> bytes:
    if await conn.scalar(select(func.max(events.c.id))):
        log.error(
            "le secret des liens (%s) n’est plus là\u00a0: un autre est créé, et les liens des "
            "messages déjà partis, désabonnement compris, ne mènent plus nulle part. Arrêtez le "
            "serveur et remettez le fichier de votre sauvegarde si vous l’avez",
            place,
        )
    return secrets.token_bytes(_BYTES)


async def _forget(conn: AsyncConnection, former: bytes) -> None:
    """Take it out of the base, its bytes first: a line deleted may stay readable in its page."""
    of_it = server_settings.c.name == _NAME
    blank = "0" * len(former.hex())
    await conn.execute(update(server_settings).where(of_it).values(value=blank))
    await conn.execute(delete(server_settings).where(of_it))


def _read(place: Path) -> bytes | None:
    try:
        text = place.read_text(encoding="ascii").strip()
        found = bytes.fromhex(text)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(
            f"Le secret des liens ne peut pas être lu. {os_message(error)}"
        ) from error
    except ValueError:
        found = b""
    if len(found) < _BYTES:
        raise ConfigurationError(
            f"« {place} » devrait tenir le secret des liens, et tient autre chose : remettez celui de "
            "votre sauvegarde. Sans elle, effacez-le : les liens des messages déjà partis ne "
            "mèneront plus nulle part."
        )
    return found


def _write(place: Path, secret: bytes) -> None:
    """Appear whole, and last, before anything is signed with it."""
    making = place.with_name(f"{FILE}.{os.getpid()}")
    try:
        private.folder(place.parent)
        making.unlink(missing_ok=True)
        with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        making.replace(place)
        _settle(place.parent)
    except OSError as error:
        raise ConfigurationError(
            f"Le secret des liens ne peut pas être gardé. {os_message(error)}"
        ) from error


def _settle(folder: Path) -> None:
    """Have the folder remember its new name, whatever happens to the machine."""
    if os.name != "posix":
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
