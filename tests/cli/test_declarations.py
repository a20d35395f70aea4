"""What was said without proof is listed, accepted or refused; leads merged by mistake are separated."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.host import Identities, Incoming
from relance.proof import Proof
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.test_explain import relance
from tests.whole import running

ALINE = Identities(email="aline@exemple.ca")


@pytest.fixture
async def server(project: Path) -> AsyncIterator[Runtime]:
    settings = load_settings(project, {"RELANCE_PORT": "0"})
    async with running(Runtime(settings)) as made:
        (receipt,) = await made.host.record(
            [Incoming("fichier", ALINE, {"ville": "Lévis"}, proof=Proof.TEAM)]
        )
        assert receipt.lead_id == 1
        yield made


async def stated(server: Runtime, **fields: str) -> None:
    await server.host.record([Incoming("form:contact", ALINE, fields)])


async def declared(project: Path) -> list[dict]:
    return json.loads((await relance("declarations", str(project), "--json")).out)


async def test_what_a_stranger_says_waits_and_the_team_decides(
    server: Runtime, project: Path
) -> None:
    await stated(server, ville="Gaspé", cellulaire="514 555-0142")
    listed = await relance("declarations", str(project))
    assert "aline@exemple.ca" in listed.out
    city, phone = sorted(await declared(project), key=lambda one: one["champ"], reverse=True)
    assert (city["champ"], city["valeur"], city["source"]) == ("ville", "Gaspé", "form:contact")
    assert (phone["champ"], phone["valeur"]) == ("cellulaire", "+15145550142")
    done = await relance("accepter", str(city["numero"]), "--dossier", str(project))
    assert (done.code, done.err) == (0, "")
    assert (await server.host.fields(1))["ville"] == "Gaspé"
    assert (await relance("refuser", str(phone["numero"]), "--dossier", str(project))).code == 0
    assert await declared(project) == []
    await stated(server, cellulaire="514 555-0142")
    assert await declared(project) == [], "refused, it stays refused"
    assert (await server.host.fields(1))["cellulaire"] is None
    shown = (await relance("explain", "toutes", "aline@exemple.ca", "--dossier", str(project))).out
    assert "accepté par l’équipe" in shown
    assert "refusé par l’équipe" in shown


async def test_a_number_that_no_declaration_has_is_told(server: Runtime, project: Path) -> None:
    for verb in ("accepter", "refuser"):
        result = await relance(verb, "99", "--dossier", str(project))
        assert result.code == 1
        assert "relance declarations" in result.err


async def test_leads_merged_by_mistake_are_two_again(server: Runtime, project: Path) -> None:
    phone = Identities(phone="514 555-0142")
    (other,) = await server.host.record([Incoming("essai", phone, {"nom": "Roy"})])
    both = Identities(email="aline@exemple.ca", phone="514 555-0142")
    await server.host.record([Incoming("fichier", both, proof=Proof.TEAM)])
    assert (await server.host.fields(other.lead_id))["courriel"] == "aline@exemple.ca"
    done = await relance("separer", "aline@exemple.ca", "--dossier", str(project))
    assert (done.code, done.err) == (0, "")
    assert (await server.host.fields(other.lead_id))["courriel"] is None
    assert (await server.host.fields(1))["nom"] is None
    again = await relance("separer", "aline@exemple.ca", "--dossier", str(project))
    assert (again.code, "réuni" in again.err) == (1, True)


async def test_a_signed_word_does_not_merge_what_the_team_knows_until_the_team_says_so(
    server: Runtime, project: Path
) -> None:
    (other,) = await server.host.record([Incoming("essai", Identities(phone="514 555-0142"))])
    both = Identities(email="aline@exemple.ca", phone="514 555-0142")
    await server.host.record([Incoming("boutique", both, proof=Proof.SIGNED)])
    (one,) = [one for one in await declared(project) if "lead" in one["champ"]]
    assert (one["lead"], one["valeur"]) == (1, other.lead_id)
    await relance("accepter", str(one["numero"]), "--dossier", str(project))
    assert (await server.host.fields(other.lead_id))["courriel"] == "aline@exemple.ca"
