"""A base that cannot be opened is told in a sentence, by the server and by the commands alike."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from relance.errors import ConfigurationError, RelanceError
from server.reports.reader import reading
from server.runtime import Runtime
from server.settings import Settings
from tests.http.conftest import all_plugins


async def refusals(folder: Path, database: str) -> list[str]:
    """What the server and a report say of that base."""
    messages = []
    with pytest.raises(ConfigurationError) as error:
        await Runtime(Settings(folder=folder, database=database), plugins=all_plugins()).open()
    messages.append(str(error.value))
    with pytest.raises(RelanceError) as other:
        async with reading(database):
            pass
    return [*messages, str(other.value)]


async def test_a_file_that_is_no_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_bytes(b"n'importe quoi, et assez long pour un en-tete" * 100)
    for message in await refusals(tmp_path, f"sqlite:///{tmp_path}/b.db"):
        assert "n’est pas une base de Relance" in message


async def test_a_folder_in_the_place_of_a_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.db").mkdir()
    with pytest.raises(RelanceError, match=r"base|dossier"):
        await Runtime(
            Settings(folder=tmp_path, database=f"sqlite:///{tmp_path}/b.db"), plugins=all_plugins()
        ).open()


async def test_a_base_of_postgresql_that_is_not_there_is_said_so(
    tmp_path: Path, postgresql_server: str
) -> None:
    given = make_url(postgresql_server).set(database="absente")
    for message in await refusals(tmp_path, given.render_as_string(hide_password=False)):
        assert "n’a pas ce compte, ou pas cette base" in message


async def test_an_address_where_nobody_answers_is_said_without_its_password(tmp_path: Path) -> None:
    for message in await refusals(tmp_path, "postgresql://u:canari@127.0.0.1:1/x"):
        assert "rien ne répond" in message
        assert "canari" not in message
