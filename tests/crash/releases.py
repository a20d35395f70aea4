"""A later release of Relance, beside this one: other code, and tables that it adds."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

from server.store.versions import head
from tests.crash.several import Process
from tests.docs.test_documents import ROOT
from tests.processes import Command

_PACKAGES = ("relance", "dsl", "plugins", "server")
_MIGRATION = '''\
"""What a later release has beside."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"
EXPANDS = True


def upgrade() -> None:
    """Bring the base forward."""
    op.add_column("leads", sa.Column("later", sa.Text()))
    op.create_table("later", sa.Column("number", sa.Integer(), primary_key=True))
'''


def later_release(place: Path) -> Path:
    """Its packages, in that folder."""
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "dsl" / "later.py").write_text('"""Read otherwise."""\n', "utf-8")
    migration = _MIGRATION.format(head=head())
    versions = place / "server" / "store" / "migrations" / "versions"
    (versions / "9000_later.py").write_text(migration, "utf-8")
    return place


class LaterProcess(Process):
    """One that runs the packages of that place."""

    def __init__(self, packages: Path, folder: Path, port: int, roles: str) -> None:
        self.url, self.log = f"http://127.0.0.1:{port}", folder / f"serveur-{port}.log"
        words = ("serve", str(folder), "--port", str(port), "--roles", roles)
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "server.cli.main", *words],
                cwd=packages,
                stdout=log,
                stderr=log,
            )
        self.process = cast(Command, started)
