"""The verb of the sales team: one person added, changed or taken out of the draft of the project."""

from collections.abc import Mapping
from pathlib import Path

from relance.french import quoted
from relance.person import Person
from relance.project_files import ProjectFiles
from server.orders.declined import Declined
from server.plugins import Plugins
from server.publication.on_disk import on_disk
from server.publication.replacement import put_in_place
from server.store.store import Store
from server.store.written_with import WriteDown

SELLER = "vendeur"
_LONGEST = 200


class SellerOrders:
    """Does it in the folder of a server: the team that runs is that of the next publication."""

    def __init__(self, store: Store, folder: Path, plugins: Plugins) -> None:
        self._store, self._folder, self._plugins = store, folder, plugins

    async def perform(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`ancien`: who it is about, none to add; `nom`, `courriel`, `telephone`, `absent`: who it becomes,
        none to take out. `Declined`, with what is wrong, when it cannot be."""
        former, files = given.get("ancien", ""), on_disk(self._folder)
        person = _person(given)
        written = self._plugins.with_person(files, former, person)
        if written is None:
            raise Declined(self._why(files, former, person))
        async with self._store.write() as conn:
            await write_down(conn)
        for name, text in written.items():
            put_in_place(self._folder / name, text)
        if person is None:
            return f"{quoted(former)} n’est plus dans l’équipe, une fois le projet publié."
        return f"{quoted(person.name)} est enregistré ; l’équipe change à la prochaine publication."

    def _why(self, files: ProjectFiles, former: str, person: Person | None) -> str:
        """What a file that held it would be told."""
        known = {one.name for one in self._plugins.people(files)}
        if former and former not in known:
            return f"{quoted(former)} n’est plus dans l’équipe."
        if person is not None and person.name != former and person.name in known:
            return f"{quoted(person.name)} est déjà dans l’équipe : distinguez les deux noms."
        return (
            "Cela ne peut pas s’écrire : il faut un nom, seul dans l’équipe, sans «\u00a0@\u00a0» ni parenthèse, "
            "et une adresse de courriel."
        )


def _person(given: Mapping[str, str]) -> Person | None:
    name = " ".join(given.get("nom", "").split())[:_LONGEST]
    if not name:
        return None
    email, phone = given.get("courriel", "").strip(), given.get("telephone", "").strip()
    absent = given.get("absent", "") == "oui"
    return Person(name, email[:_LONGEST] or None, phone[:_LONGEST] or None, absent)
