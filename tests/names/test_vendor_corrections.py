"""A vendor's own correction: through the same door as ours."""

import pytest

from plugins.leads.corrections import REWRITERS
from relance import Kind, Phrase, Rewrite, hookimpl
from relance.errors import ContractError
from server.plugins import load_plugins, plugins_of


class Vendor:
    """Writes names in capitals, as some registers want them."""

    relance_contract = 1

    @hookimpl
    def relance_phrases(self):  # type: ignore[no-untyped-def]
        return [
            Phrase(
                id="vendeur.capitals",
                kind=Kind.ACTIVITY,
                pattern="Noms en capitales",
                means=lambda: (Rewrite("nom", "vendeur.capitals"),),
                help="Écrit le nom en capitales.",
                example="Noms en capitales",
                english="Names in capitals",
            )
        ]

    @hookimpl
    def relance_rewriters(self):  # type: ignore[no-untyped-def]
        return {"vendeur.capitals": str.upper}


def test_the_corrections_of_every_plugin_are_known_by_name() -> None:
    assert plugins_of({"vendeur": Vendor()}).rewriters() == {"vendeur.capitals": str.upper}
    assert set(REWRITERS) <= set(load_plugins().rewriters())


def test_two_plugins_cannot_mean_the_same_name() -> None:
    class Other:
        relance_contract = 1

        @hookimpl
        def relance_rewriters(self):  # type: ignore[no-untyped-def]
            return {"vendeur.capitals": str.lower}

    with pytest.raises(ContractError, match="autre"):
        plugins_of({"vendeur": Vendor(), "autre": Other()}).rewriters()
