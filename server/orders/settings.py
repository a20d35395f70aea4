"""The verb of settings: one changed in the files of the project, and written in the audit log."""

from collections.abc import Mapping
from pathlib import Path

from relance.french import quoted
from relance.host import Setup
from server import settings_changes as changes
from server.orders.declined import Declined
from server.plugins import Plugins
from server.store.store import Store
from server.store.written_with import WriteDown

SET = "regler"


class SettingOrders:
    """Does it in the project of a server."""

    def __init__(self, store: Store, folder: Path, plugins: Plugins, setup: Setup) -> None:
        self._store, self._folder, self._plugins, self._setup = store, folder, plugins, setup

    async def perform(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`section`, `cle`; what it becomes is `valeur`, or `secret`, which the log does not keep.

        The row stands before the file is: a server killed between the two has said what it was about
        to do, and done nothing.
        """
        section, key = given.get("section", ""), given.get("cle", "")
        typed = given.get("secret", "") or given.get("valeur", "")
        try:
            change = changes.changed(
                self._folder, self._plugins, self._setup.files, section, key, typed
            )
            async with self._store.write() as conn:
                await write_down(conn)
            changes.write(self._folder, change)
        except changes.SettingRefused as wrong:
            raise Declined(str(wrong)) from wrong
        schema = changes.schema_of(self._plugins, section)
        setting = schema.find(key) if schema is not None else None
        label = setting.label if setting is not None else key
        forgotten = "".join(
            f" {quoted(one)} était pour l’ancien serveur : il est effacé, donnez le nouveau."
            for one in change.cleared
        )
        return f"{quoted(label)} est enregistré ; le prochain démarrage en tient compte.{forgotten}"
