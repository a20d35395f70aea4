"""Passkeys, challenges and identities of a provider as both stores keep them, and the command undoes them."""

from relance.testing import VirtualClock
from server.access import passkeys, provider_identities, roles
from server.access.actor import SERVER, by_command
from server.access.audit import latest
from server.access.control import AccessControl
from server.orders.team import TeamOrders
from server.store.store import Store
from server.tokens import Signer

ISSUER = "https://id.exemple.ca"


async def test_what_lets_in_is_kept_once_and_a_command_takes_it_away(store: Store) -> None:
    control = AccessControl(store, VirtualClock(), Signer(b"s" * 32))
    register, team = control.register, TeamOrders(control.register, "")
    (zoe, _), (ana, _) = [
        await control.team.invite(SERVER, f"{one}@exemple.ca", one, roles.ALL)
        for one in ("zoe", "ana")
    ]
    row = {
        "account_id": zoe.id,
        "credential": "x" * 1_364,
        "public_key": "clé",
        "handle": "h",
        "rp": "exemple.ca",
        "name": "Portable",
        "counter": 4_294_967_295,
        "created_at": 1,
    }
    now = register.now()
    asked = register.challenges.new("essai", "b", now)
    async with store.write() as conn:
        assert [
            await passkeys.add(conn, row | {"account_id": one}) for one in (zoe.id, ana.id)
        ] == [*(True, False)]
        took = [
            await register.challenges.take(conn, "essai", "b", asked.offer, now) for _ in range(2)
        ]
        assert [one is not None for one in took] == [True, False]
        bound = [
            await provider_identities.bind(conn, ISSUER, who, account, "zoe@exemple.ca", now)
            for who, account in (("1", zoe.id), ("2", zoe.id), ("1", ana.id), ("2", ana.id))
        ]
        assert bound == [True, False, False, True]
    found = await control.team.of(zoe.id)
    assert found is not None
    assert (found.keys, found.two_factors) == (1, True)

    async def commanded(deed: str) -> str:
        asked = {"geste": deed, "courriel": "zoe@exemple.ca", "qui": "camille"}
        return await team.perform(asked)

    assert await commanded("retirer-cles") == (
        "«\u00a0zoe\u00a0»\u00a0: sa clé d’accès est retirée, et son compte partout déconnecté."
    )
    assert await commanded("retirer-cles") == "«\u00a0zoe\u00a0» n’a pas de clé d’accès."
    assert "n’est plus relié" in await commanded("delier")
    assert "n’est relié à aucun" in await commanded("delier")
    async with store.read() as conn:
        rows = await latest(conn, 2)
        assert await provider_identities.named(conn, ISSUER, "2"), "another's stays"
    camille = by_command("camille").who
    assert [(one.who, one.action) for one in rows] == [
        (camille, "fournisseur.delie"),
        (camille, "cle.retirees"),
    ]
