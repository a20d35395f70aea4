"""The verb of the sales team: one person added, changed or taken out of the draft of the project."""

from collections.abc import Mapping
from pathlib import Path

from relance.fold import fold
from relance.french import quoted
from relance.person import Person
from relance.project_files import ProjectFiles
from server.orders.declined import Declined
from server.plugins import Plugins
from server.publication.on_disk import on_disk
from server.publication.replacement import put_in_place
from server.publication.unusable import UnusableDraft, reading_draft, writing_draft
from server.store.contacts import email_key
from server.store.store import Store
from server.store.written_with import WriteDown

SELLER = "vendeur"
#: What a name, and a telephone number, may be, in signs.
_LONGEST, _LONGEST_PHONE = 100, 60


class SellerOrders:
    """Does it in the folder of a server: the team that runs is that of the next publication."""

    def __init__(self, store: Store, folder: Path, plugins: Plugins) -> None:
        self._store, self._folder, self._plugins = store, folder, plugins

    async def perform(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """`ancien`: who it is about, none to add; `nom`, `courriel`, `telephone`, `absent`: who it becomes,
        none to take out. `Declined`, with what is wrong, when it cannot be."""
        former, files = given.get("ancien", ""), on_disk(self._folder)
        person = _person(given)
        try:
            with reading_draft():
                written = self._plugins.with_person(files, former, person)
                if written is None:
                    raise self._refusal(files, former, person)
            async with self._store.write() as conn:
                await write_down(conn)
            with writing_draft():
                for name, text in written.items():
                    put_in_place(self._folder / name, text)
        except UnusableDraft as unusable:
            raise Declined(str(unusable)) from unusable
        if person is None:
            return f"{quoted(former)} n’est plus dans l’équipe, une fois le projet publié."
        return f"{quoted(person.name)} est enregistré ; l’équipe change à la prochaine publication."

    def _refusal(self, files: ProjectFiles, former: str, person: Person | None) -> Declined:
        """What a file that held it would be told, and of which field."""
        known = {fold(one.name): one.name for one in self._plugins.people(files)}
        if former and fold(former) not in known:
            return Declined(f"{quoted(former)} n’est plus dans l’équipe.", about="nom")
        if person is None:
            return Declined("Le fichier de l’équipe ne permet pas de l’ôter d’ici : ouvrez-le.")
        name = fold(person.name)
        if name != fold(former) and name in known:
            why = f"{quoted(known[name])} est déjà dans l’équipe : distinguez les deux noms."
            return Declined(why, about="nom")
        if set(person.name) & set("@(") or not person.name.isprintable():
            return Declined("Un nom n’a ni «\u00a0@\u00a0» ni parenthèse.", about="nom")
        if not person.email:
            return Declined("Il faut un courriel : ses alertes y vont.", about="courriel")
        if email_key(person.email) is None:
            return Declined(
                f"{quoted(person.email[:_LONGEST])} n’est pas une adresse de courriel.",
                about="courriel",
            )
        return Declined("Cela ne peut pas s’écrire dans le fichier de l’équipe : ouvrez-le.")


def _person(given: Mapping[str, str]) -> Person | None:
    """Who the fields say; `Declined` of one that is too long, rather than cut."""
    name = " ".join(given.get("nom", "").split())
    if not name:
        return None
    if len(name) > _LONGEST:
        raise Declined(f"Ce nom est trop long : {_LONGEST} caractères au plus.", about="nom")
    email, phone = given.get("courriel", "").strip(), given.get("telephone", "").strip()
    absent = given.get("absent", "") == "oui"
    if len(phone) > _LONGEST_PHONE:
        why = f"Ce numéro est trop long : {_LONGEST_PHONE} caractères au plus."
        raise Declined(why, about="telephone")
    return Person(name, email or None, phone or None, absent)
