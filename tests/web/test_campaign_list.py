"""The list of campaigns: put in binders and under labels, looked for, paged; and what a draft would do."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relance.access_role import AccessRole
from relance.errors import StoreUnavailable
from server.reports.performance import found_campaigns
from server.runtime import Runtime
from server.settings import load_settings
from server.store import binders
from tests.http.conftest import Site, running
from tests.signed import token_of
from tests.web.test_agreement import ON_DEMAND, hidden, said
from tests.web.test_interface import settled
from tests.web.test_publish_page import ANOTHER, BY_STATE, FIRST
from tests.whole import lay_out

RENAMED = FIRST.replace("Accueil", "Bonjour").replace(
    "\n", "\n  anciennement : «\u00a0Accueil\u00a0»\n", 1
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"regles.relance": FIRST + BY_STATE, "autre.relance": ANOTHER})
    settings = load_settings(tmp_path, ON_DEMAND)
    async with running(settings, Runtime(settings).plugins) as opened:
        await publish(opened, activer="oui")
        yield opened


async def publish(site: Site, **more: str) -> str:
    page = await site.client.get("/publier")
    done = await site.client.post("/publier", data={**hidden(page.text), **more})
    assert done.status_code == 303, said(done)
    return said(page)


async def noticed(site: Site, file: str, text: str) -> None:
    """That text is in the draft, and the server knows."""
    (site.runtime.settings.folder / file).write_text(text, encoding="utf-8")
    site.runtime.rules.reload()
    await site.runtime.rules.refresh()


async def listed(site: Site, query: str = "") -> list[str]:
    """The names of the campaigns that the page shows, in their order."""
    page = (await site.client.get(f"/campagnes{query}")).text
    return re.findall(r'<div><a href="/campagnes/\d+">([^<]+)</a>', page)


async def put(site: Site, gesture: str, name: str, *ids: int, **more: str) -> tuple[int, str]:
    form = {"geste": gesture, "nom": name, "campagne": [str(one) for one in ids], **more}
    done = await site.client.post("/campagnes/ranger", data=form)
    return done.status_code, done.headers.get("location", said(done))


async def test_campaigns_are_put_in_order_together_and_found_by_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {row[1]: row[0] for row in await site.rows("SELECT id, name FROM campaigns")}
    one, two, hot = known["Accueil"], known["Autre"], known["Chauds"]
    page = (await site.client.get("/campagnes")).text
    assert await put(site, "ranger", "Printemps  2027", one, two) == (303, "/campagnes")
    assert await put(site, "etiqueter", "VIP", one, hot, tri="dedans") == (
        *(303,),
        "/campagnes?tri=dedans",
    )
    assert await listed(site, "?classeur=printemps 2027") == ["Accueil", "Autre"]
    assert await listed(site, "?etiquette=vip&classeur=Printemps 2027") == ["Accueil"]
    assert await listed(site, "?cherche=VIP") == ["Accueil", "Chauds"]
    assert await listed(site, "?tri=classeur") == ["Accueil", "Autre", "Chauds"]
    assert await listed(site, "?cherche=zzz") == []
    for order in found_campaigns.ORDERS:
        assert set(await listed(site, f"?tri={order}")) == set(known), order
    kinds = {"ever left": 0, "ever succeeded": 0, "message sent": 9}
    counted = {one: (4, 1, 1), two: (2, 1, 0), hot: (0, 0, 0)}
    async with site.runtime.store.write() as conn:
        for campaign, figures in counted.items():
            for (kind, day), n in zip(kinds.items(), figures, strict=True):
                row = (campaign, kind, day + campaign if day else 0, n)
                await conn.exec_driver_sql(
                    "INSERT INTO counters VALUES (?, ?, ?, 0, 0, '', '', ?, 0)", row
                )
    assert await listed(site, "?tri=reussite") == ["Autre", "Accueil", "Chauds"]
    assert await listed(site, "?tri=envoi") == ["Accueil", "Autre", "Chauds"]
    # A part at a time, each with an address.
    monkeypatch.setattr(found_campaigns.found_campaigns, "__defaults__", (2,))
    for order in found_campaigns.ORDERS:
        first = (await site.client.get(f"/campagnes?tri={order}")).text
        (after,) = re.findall(r'href="(/campagnes\?[^"]*apres=[^"]*)"', first)
        rest = await listed(site, after.removeprefix("/campagnes").replace("&amp;", "&"))
        assert len(rest) == 1, order
        assert {*rest, *await listed(site, f"?tri={order}")} == set(known), order
    assert "3 campagnes" in said(await site.client.get("/campagnes"))
    monkeypatch.undo()
    # What is wrong is said beside, and nothing typed is lost.
    status, page = await put(site, "ranger", "", one)
    assert (status, "Donnez le nom du classeur" in page) == (409, True)
    status, page = await put(site, "etiqueter", "(x)", two, cherche="autre")
    assert (status, "parenthèses" in page) == (409, True)
    refused = await site.client.post(
        "/campagnes/ranger", data={"geste": "etiqueter", "nom": "(x)", "campagne": str(two)}
    )
    assert 'value="(x)"' in refused.text
    assert re.search(rf'name="campagne" value="{two}" form="ensemble" checked', refused.text)
    assert (await put(site, "sortir", "", two))[0] == 303
    logged = await site.rows("SELECT after FROM audit_log ORDER BY number DESC LIMIT 1")
    assert '"classeur":"aucun"' in logged[0][0]
    assert (await put(site, "oter", "vip", hot))[0] == 303
    assert await listed(site, "?etiquette=VIP") == ["Accueil"]
    # By programs, and one at a time from its page.
    token = await token_of(site.runtime, AccessRole.READ, AccessRole.WRITE)
    headers = {"authorization": f"Bearer {token}"}
    api = f"{site.runtime.url}/api/v1/campaigns"
    done = await site.client.post(
        f"{api}/Autre/put", json={"classeur": "Été", "etiquettes": ["A", "B"]}, headers=headers
    )
    assert done.status_code == 200, done.text
    found = (await site.client.get(f"{api}?etiquette=a&classeur=ete", headers=headers)).json()
    (row,) = found["items"]
    assert (row["campagne"], row["classeur"], row["etiquettes"]) == ("Autre", "Été", ["A", "B"])
    form = {"classeur": "", "etiquettes": "b, Chaud"}
    assert (await site.client.post(f"/campagnes/{two}/ranger", data=form)).status_code == 303
    assert "Chaud" in (await site.client.get(f"/campagnes/{two}")).text
    async with site.runtime.store.read() as conn:
        assert (await binders.orders_of(conn, ["autre"]))["autre"].labels == ("B", "Chaud")
    halved = {"classeur": "Hiver", "etiquettes": "x, (y)"}
    wrong = await site.client.post(f"/campagnes/{two}/ranger", data=halved)
    assert (wrong.status_code, "x, (y)</textarea>" in wrong.text) == (409, True)
    refused = await site.client.post(f"{api}/Autre/put", json=halved | {"etiquettes": ["x", "(y)"]}, headers=headers)  # fmt: skip
    assert refused.status_code >= 400
    async with site.runtime.store.read() as conn:
        now = (await binders.orders_of(conn, ["autre"]))["autre"]
    assert (now.binder, now.labels) == ("", ("B", "Chaud")), "all or nothing"
    # What separates labels is in none; one from before stays whole.
    status, page = await put(site, "etiqueter", "rouge, vert", two)
    assert (status, "virgule" in page) == (409, True)
    async with site.runtime.store.write() as conn:
        await binders.label(conn, ["autre"], "rouge, vert")
    form = {"classeur": "", "etiquettes": "B, Chaud, rouge, vert"}
    assert (await site.client.post(f"/campagnes/{two}/ranger", data=form)).status_code == 303
    async with site.runtime.store.read() as conn:
        assert (await binders.orders_of(conn, ["autre"]))["autre"].labels[2:] == ("rouge, vert",)
    # A name is never cut: the longest is found again, one more is refused and focus goes there.
    longest = "b" * 120
    assert (await put(site, "ranger", longest, two))[0] == 303
    assert await listed(site, f"?classeur={longest}") == ["Autre"]
    long = {"geste": "ranger", "nom": f"{longest}b", "campagne": str(two)}
    refused = await site.client.post("/campagnes/ranger", data=long)
    assert (refused.status_code, f'value="{longest}b"' in refused.text) == (409, True)
    assert 'aria-describedby="ensemble-erreur" autofocus' in refused.text


async def test_a_copy_and_a_new_name_are_where_the_campaign_was(site: Site) -> None:
    (one,) = (await site.rows("SELECT id FROM campaigns WHERE name = 'Accueil'"))[0]
    await put(site, "ranger", "Printemps", one)
    await put(site, "etiqueter", "VIP", one)
    made = await site.client.post(f"/campagnes/{one}/cloner", data={"nom": "Copie d’accueil"})
    assert made.status_code == 303

    # A base that does not answer keeps no copy from being made: it is said that it is nowhere.
    async def away(*_: object) -> None:
        raise StoreUnavailable("ailleurs")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binders, "copy", away)
        made = await site.client.post(f"/campagnes/{one}/cloner", data={"nom": "Sans classeur"})
    shown = said(await site.client.get(made.headers["location"]))
    assert "« Sans classeur » est à vous" in shown
    assert "Elle n’est pas rangée : la base ne répond pas." in shown
    await noticed(site, "regles.relance", RENAMED + BY_STATE)
    await publish(site)
    assert await listed(site, "?classeur=Printemps") == ["Bonjour", "Copie d’accueil"]
    assert await listed(site, "?etiquette=VIP") == ["Bonjour", "Copie d’accueil"]


async def test_the_page_of_a_campaign_says_what_its_draft_would_do_and_a_migration_is_undone(
    site: Site,
) -> None:
    (one,) = (await site.rows("SELECT id FROM campaigns WHERE name = 'Accueil'"))[0]
    page = f"/campagnes/{one}"
    for name in ("ana", "bob"):
        await site.post("Infolettre", data={"courriel": f"{name}@exemple.ca"})
    await settled(site, f"SELECT count(*) FROM enrolments WHERE campaign_id = {one}", 2)
    assert 'hx-trigger="relance-saved' in (await site.client.get(page)).text, "once it is typed in"
    await noticed(site, "regles.relance", FIRST.replace("3 jours", "4 jours") + BY_STATE)
    assert f'hx-get="{page}/si-publiee" hx-trigger="load' in (await site.client.get(page)).text
    card = said(await site.client.get(f"{page}/si-publiee"))
    assert "Si vous publiez la version 2" in card
    assert "Les 2 personnes dedans finissent leur version" in card
    assert f'<a class="chip draft dot" href="{page}">' in (await site.client.get("/campagnes")).text
    assert "Annuler la dernière migration" not in said(await site.client.get(f"{page}/versions"))
    await publish(site, **{"sort:Accueil": "migrate"})
    await settled(site, "SELECT count(*) FROM transferred", 2)
    await settled(site, "SELECT count(*) FROM transfers WHERE state = 'done'", 1)
    assert "Annuler la dernière migration" in said(await site.client.get(f"{page}/versions"))
    asked = said(await site.client.get(f"{page}/annuler-migration"))
    assert "Annuler la migration de « Accueil »" in asked
    assert "2 personnes n’ont pas bougé depuis : elles retrouvent leur version" in asked
    done = await site.client.post(f"{page}/annuler-migration", data={"pourquoi": "trop long"})
    assert (done.status_code, done.headers["location"]) == (303, f"{page}/versions")
    again = await site.client.get(f"{page}/annuler-migration")
    assert again.status_code == 303, "it is undone once"
    assert "Cette migration est déjà annulée par Camille Morin." in said(
        await site.client.get(f"{page}/versions")
    )


async def test_two_campaigns_that_one_event_lets_into_are_told_once(site: Site) -> None:
    third = ANOTHER.replace("Autre", "Troisième")
    await noticed(site, "autre.relance", ANOTHER + third)
    page = said(await site.client.get("/publier"))
    same = "un même événement fait aussi entrer dans « Autre », « Accueil »"
    assert f"Troisième : {same} : quand Formulaire (Infolettre) rempli" in page
    await publish(site)
    await noticed(site, "autre.relance", ANOTHER + third.replace("(Venu)", "(Revenu)"))
    page = said(await site.client.get("/publier"))
    assert "Troisième : modifiée" in page
    assert "un même événement" not in page, "it is told once"
