"""`relance refus`: what found no place, said to the person who can mend it."""

import json
from pathlib import Path

from relance.host import Identities, Incoming
from server.runtime import Runtime
from server.settings import load_settings
from tests.cli.test_explain import relance
from tests.whole import running


async def test_what_was_left_is_listed_and_the_lead_explained(project: Path) -> None:
    who = Identities(email="aline@exemple.ca")
    async with running(Runtime(load_settings(project, {"RELANCE_PORT": "0"}))) as server:
        assert "trouvé sa place" in (await relance("refus", str(project))).out
        fact = Incoming("form:contact", who, {"date de naissance": "bientôt"})
        await server.intake.record([fact])
    listed = (await relance("refus", str(project))).out
    assert "bientôt" in listed
    (leftover,) = json.loads((await relance("refus", str(project), "--json")).out)
    assert (leftover["champ"], leftover["fois"], leftover["dernier_lead"]) == (
        "date de naissance",
        1,
        1,
    )
    assert "2026-12-24" in leftover["raison"]
    story = await relance("explain", "toutes", "aline@exemple.ca", "--dossier", str(project))
    assert "Resté sans place" in story.out
