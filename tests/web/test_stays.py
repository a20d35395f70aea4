"""A lead that is several times in one campaign, for several things: each stay has its own why."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.runtime import Runtime
from tests.http.conftest import Site, running
from tests.processes import command
from tests.web.test_interface import plain, settled
from tests.whole import lay_out, saving

SCRIPT = """\
campagne « Suivi »
  réentrée : par (numéro)
  entrée
    quand Événement (commande) survenu

  attendre au plus 3 jours
    dès que Événement (livrée) survenu
      Étiqueter (Servi)
    passé ce délai
      Étiqueter (Retard)
  fin
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": SCRIPT})
    settings = saving(tmp_path, {"RELANCE_PORT": "0", "RELANCE_EVENEMENTS_JETON": "j" * 32})
    async with running(settings, Runtime(settings).plugins) as opened:
        yield opened


async def tell(site: Site, what: str, number: str) -> None:
    event = {
        "type": "custom",
        "sujet": what,
        "lead": {"courriel": "aline@exemple.ca"},
        "proprietes": {"numéro": number},
    }
    bearer = {"authorization": f"Bearer {'j' * 32}"}
    said = await site.client.post("/webhooks/events", json=event, headers=bearer)
    assert said.status_code < 300, said.text


async def test_the_stay_one_asks_about_is_chosen_by_what_it_is_for(site: Site) -> None:
    for number in ("A-1", "A-2"):
        await tell(site, "commande", number)
    await settled(site, "SELECT count(*) FROM enrolments", 2)
    await tell(site, "livrée", "A-1")
    await settled(site, "SELECT count(*) FROM enrolments WHERE NOT active", 1)

    async def asked(address: str) -> str:
        page = (await site.client.get(address)).text
        return page.partition('id="pourquoi"')[2].partition("</section>")[0]

    both = await asked("/leads/1?campagne=1&message=")
    offered = re.findall(r'<option value="(\d)"( selected)?>(numéro[^<]*)', both)
    assert [one[:2] for one in offered] == [("2", " selected"), ("1", "")]
    assert "a-2, dedans depuis" in plain(offered[0][2])
    assert "a-1, entré" in plain(offered[1][2])
    assert "Oui." in plain(both), "the one it is in, unless another is chosen"
    gone = plain(await asked("/leads/1?campagne=1&message=&sejour=1"))
    assert "Plus maintenant." in gone
    assert "Oui." in plain(await asked("/leads/1?campagne=1&message=&sejour=9%3Cb%3E"))

    async def explained(*words: str) -> tuple[int, str]:
        folder = str(site.runtime.settings.folder)
        said = await asyncio.to_thread(command, "explain", *words, "--dossier", folder)
        return said[0], plain(said[1] + said[2]).replace("\u00a0", " ")

    code, shown = await explained("Suivi", "1", "--sejour", "A-1")
    assert (code, "numéro : a-1" in shown, "a-2" in shown) == (0, True, False)
    code, shown = await explained("Suivi", "1", "--sejour", "2")
    assert (code, "numéro : a-2" in shown, "a-1" in shown) == (0, True, False)
    code, refused = await explained("Suivi", "1", "--sejour", "Z-9")
    assert (code, "« Z-9 »" in refused, "a-1" in refused) == (2, True, True)
    assert (await explained("toutes", "1", "--sejour", "A-1"))[0] == 2
