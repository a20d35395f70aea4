"""The verb of accounts: what `relance utilisateur` asks; done and written down by `server.access`."""

from collections.abc import Mapping

from relance.french import quoted
from server.access import entries
from server.access.actor import Actor, by_command
from server.access.entry_refused import EntryRefused
from server.access.register import AccessRegister
from server.access.roles import words
from server.access.team import Accounts
from server.orders.declined import Declined
from server.store.written_with import WriteDown

TEAM = "utilisateur"


class TeamOrders:
    """Does it in the accounts of a server; `address`: where people reach it."""

    def __init__(self, register: AccessRegister, address: str) -> None:
        self.register, self._team, self._address = register, Accounts(register), address

    async def perform(self, given: Mapping[str, str], _write_down: WriteDown | None = None) -> str:
        """`geste`, `courriel`, `qui`; `nom` and `roles` of an invitation. `Declined` when it cannot be.

        Accounts write their own rows, in the transaction of each gesture.
        """
        actor = by_command(given.get("qui", ""))
        try:
            if given["geste"] == "inviter":
                return await self._invite(actor, given)
            return await self._change(actor, given)
        except EntryRefused as wrong:
            raise Declined(wrong.message) from wrong

    async def _invite(self, actor: Actor, given: Mapping[str, str]) -> str:
        roles = entries.roles(given["roles"].split())
        account, path = await self._team.invite(actor, given["courriel"], given["nom"], roles)
        return (
            f"L’invitation de {account.name} est prête ({words(roles)}). Ce lien ouvre son compte, une "
            f"seule fois, d’ici trois jours\u00a0: {self._address}{path}"
        )

    async def _change(self, actor: Actor, given: Mapping[str, str]) -> str:
        account = await self._team.named(given["courriel"])
        number, who = account.id, quoted(account.name)
        match given["geste"]:
            case "lien":
                path = await self._team.new_link(actor, number)
                return f"Ce lien laisse entrer {who}, une seule fois\u00a0: {self._address}{path}"
            case "roles":
                roles = entries.roles(given["roles"].split())
                await self._team.give_roles(actor, number, roles)
                return f"{who} a maintenant les rôles\u00a0: {words(roles)}."
            case "fermer":
                await self._team.close(actor, number)
                return f"Le compte de {who} est fermé, et partout déconnecté."
            case "rouvrir":
                await self._team.reopen(actor, number)
                return f"Le compte de {who} est rouvert."
            case "deconnecter":
                await self._team.end_sessions(actor, number)
                return f"Le compte de {who} est partout déconnecté."
            case "retirer-facteur":
                await self._team.remove_factor(actor, number)
                how = "une clé d’accès" if account.keys else "son seul mot de passe"
                return f"{who} entre de nouveau par {how}\u00a0; son compte est partout déconnecté."
            case "delier":
                if not await self._team.unbind(actor, number):
                    return f"Le compte de {who} n’est relié à aucun fournisseur d’identité."
                return (
                    f"Le compte de {who} n’est plus relié au fournisseur d’identité, et il est partout déconnecté\u00a0: "
                    "la prochaine fois, son adresse dira de nouveau quel compte l’attend."
                )
            case "retirer-cles":
                removed = await self._team.remove_keys(actor, number)
                if not removed:
                    return f"{who} n’a pas de clé d’accès."
                keys = (
                    "sa clé d’accès est retirée"
                    if removed == 1
                    else f"ses {removed} clés d’accès sont retirées"
                )
                return f"{who}\u00a0: {keys}, et son compte partout déconnecté."
            case _:
                raise Declined("Ce serveur ne connaît pas ce geste\u00a0: redémarrez-le.")
