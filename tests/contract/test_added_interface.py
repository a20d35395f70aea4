"""What an extension adds to the interface: installed as the documentation shows, in a real server."""

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest

from relance.access_role import AccessRole
from relance.errors import ContractError
from relance.testing import FakeHost, FakeHouse, FakeLead, check_plugin
from server.plugin_interface import AddedInterface, added_reports
from server.plugins import load_plugins, plugins_of
from server.web.icons import PATHS
from tests.contract.test_documentation import SOURCES
from tests.contract.vendor import install
from tests.http.conftest import Site, running
from tests.signed import sign_in
from tests.whole import lay_out, saving

(PIGEON,) = [source for source in SOURCES if "def relance_pages" in source]
POISON = "\"'><script>alert(1)</script>{{7*7}}"
#: One that fails in every way a page may.
BROKEN = f"""
import asyncio
import time
from relance import *
from relance.report import report

relance_contract = 1
POISON = {POISON!r}


def fails(_):
    raise RuntimeError("secret")

def sleeps(_):
    time.sleep(2)

async def waits(_):
    await asyncio.sleep(60)

def lies(_):
    return [Heading("avant"), Report("x", (Column("a"),), (("un", "de trop"),))]

def leads_astray(_):
    return [PageLink("ici", "javascript:alert(1)")]

async def takes(given):
    if given.get("a") == "refus":
        return FormRefused(fields={{"inconnu": "Un champ que la page n’a pas."}})
    if given.get("a") == "muet":
        return FormRefused()
    if given.get("a") == "autre":
        return FormDone(3)
    raise ValueError("secret")

def asks_without_saying_who(_):
    return [PageForm("x", (), "Envoyer", takes)]

def hostile(_):
    table = report(POISON, {{Column(POISON): lambda one: one}}, [POISON], empty=POISON, notes=[POISON])
    return [Heading(POISON), Paragraph(POISON), Notice(POISON, title=POISON), table,
            Figures((Figure(POISON, POISON, CellType.TEXT, POISON),)),
            BarChart(Report(POISON, (Column(POISON), Column("n", "n", CellType.COUNT)), ((POISON, 3),))),
            PageLink(POISON, "/leads"), PageLink(POISON, "https://exemple.ca/?a=" + "x"),
            PageForm("f", (PageField("a", POISON, help=POISON, value=POISON),
                           PageField("b", "Choix", FieldKind.CHOICE, choices=(POISON,)),
                           PageField("c", "Oui", FieldKind.FLAG), PageField("d", "Jour", FieldKind.DAY),
                           PageField("e", "Texte", FieldKind.LINES), PageField("g", "Nombre", FieldKind.NUMBER, most=9),
                           ), POISON, takes, POISON)]

async def wrong_report(_):
    return "un texte"

@hookimpl
def relance_pages():
    role = AccessRole.READ
    pages = dict(echoue=fails, tarde=sleeps, attend=waits, ment=lies, egare=leads_astray, muet=asks_without_saying_who)
    return [InterfacePage(path, POISON[:60], role, body) for path, body in pages.items()] + [
        InterfacePage("hostile", POISON[:60], role, hostile, menu=POISON[:60], about=POISON, writing=role)]

@hookimpl
def relance_panels():
    return [LeadPanel("echoue", "Cassé", fails), LeadPanel("tarde", "Lent", sleeps), LeadPanel("hostile", "Piégé", lambda lead: hostile(lead)[:-1]),
            LeadPanel("interdit", "Pour qui administre", lambda lead: [Paragraph("secret de panneau")], AccessRole.ADMINISTER)]

@hookimpl
def relance_reports():
    return [HouseReport("faux", "Faux", "Il n’en est pas un.", wrong_report)]
"""
RULES = "campagne «\u00a0Accueil\u00a0»\n  entrée\n    quand Formulaire (Contact) rempli\n  Étiqueter (Venu)\nfin\n"


def module_of(source: str, name: str = "voliere") -> ModuleType:
    module = ModuleType(name)
    exec(compile(source, name, "exec"), vars(module))
    return module


@pytest.fixture
async def site(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Site]:
    """A server where both are installed."""
    packages = tmp_path_factory.mktemp("packages")
    monkeypatch.syspath_prepend(str(packages))
    install(packages, "pigeon", PIGEON)
    install(packages, "casse", BROKEN)
    lay_out(tmp_path, {"regles.relance": RULES})
    settings = saving(tmp_path, {"RELANCE_PORT": "0"})
    async with running(settings, load_plugins()) as opened:
        await opened.post("Contact", data={"courriel": "aline@exemple.ca", "prénom": "Aline"})
        yield opened
    for name in [name for name in sys.modules if name.startswith("vendor_")]:
        del sys.modules[name]


def plain(text: str) -> str:
    text = text.replace("\u202f", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def sealed(page: str) -> str:
    """What a form of that page is sent back with."""
    found = re.search(r'name="sceau" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def test_the_documented_extension_has_its_page_its_panel_and_its_report(site: Site) -> None:
    home = await site.client.get("/")
    assert 'href="/extensions/pigeon/voliere"' in home.text
    path = "/extensions/pigeon/voliere"
    page = await site.client.get(path)
    assert page.status_code == 200
    assert "Pigeons lâchés 0" in plain(page.text)
    # What is missing or wrong is told beside its field, and nothing typed is lost.
    form = {"formulaire": "lacher", "v-nom": "Zoé la grise", "v-vers": "nulle part"}
    refused = await site.client.post(path, data=form)
    assert refused.status_code == 422
    assert "Ce n’est pas une adresse de courriel" in plain(refused.text)
    assert 'value="Zoé la grise"' in refused.text
    assert (await site.client.post(path, data={**form, "v-nom": ""})).text.count(
        'role="alert"'
    ) == 2
    unknown = await site.client.post(path, data={**form, "v-vers": "personne@exemple.ca"})
    assert "Aucun pigeon ne connaît cette adresse" in plain(unknown.text)
    # No other site sends it, and nobody who may not.
    strange = await site.client.post(path, data=form, headers={"x-relance-sceau": "faux"})
    assert strange.status_code == 403
    await sign_in(site.runtime, site.client, [AccessRole.READ], "lecture@exemple.ca")
    looked = await site.client.get(path)
    assert looked.status_code == 200
    assert "<form" not in looked.text.partition("<main")[2].partition("</main>")[0].replace(
        '<form class="tools"', ""
    )
    assert (await site.client.post(path, data=form)).status_code == 403
    await sign_in(site.runtime, site.client)
    sent = await site.client.post(path, data={**form, "v-vers": "aline@exemple.ca"})
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    after = plain((await site.client.get(path)).text)
    assert "Zoé la grise est parti." in after
    assert "Pigeons lâchés 1" in after
    log = await site.rows("SELECT action, object FROM audit_log WHERE action LIKE 'extension.%'")
    assert {one.object for one in log} == {
        "la page «\u00a0La volière\u00a0», de l’extension «\u00a0pigeon\u00a0»"
    }
    # Of other days, none.
    assert "Pigeons lâchés 0" in plain(
        (await site.client.get(f"{path}?du=2020-01-01&au=2020-01-31")).text
    )
    lead = plain((await site.client.get("/leads/1")).text)
    assert re.search("Ses pigeons Zoé la grise \\d+ ", lead), lead
    report = plain((await site.client.get("/rapports/pigeons")).text)
    assert "Lâchés 1" in report
    assert (await site.client.get("/rapports/pigeons/pigeons.csv")).text.strip().endswith("1")
    answer = (await site.client.get("/api/v1/reports/pigeons")).json()
    assert answer["report"] == [{"laches": 1}]
    assert "La volière" in plain((await site.client.get("/extensions")).text)


async def test_a_page_that_fails_or_lasts_says_whose_it_is_and_breaks_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.extensions.added_pages.LONGEST", 0.7)
    monkeypatch.setattr("server.web.extensions.panels.LONGEST", 0.7)
    for name in ("echoue", "tarde", "attend", "ment", "egare", "muet"):
        page = await site.client.get(f"/extensions/casse/{name}")
        said = plain(page.text)
        assert "vient de l’extension « casse »" in said, name
        assert "Tableau de bord" in said, name
        assert "secret" not in page.text
        assert "javascript:" not in page.text
    lead = await site.client.get("/leads/1")
    said = plain(lead.text)
    assert lead.status_code == 200
    assert said.count("L’extension « casse » n’a pas pu répondre") == 2
    assert "Pointage" in said
    assert "secret de panneau" in said
    await sign_in(site.runtime, site.client, [AccessRole.PERSONAL], "fiches@exemple.ca")
    assert "secret de panneau" not in (await site.client.get("/leads/1")).text
    await sign_in(site.runtime, site.client)
    report = await site.client.get("/rapports/faux")
    assert report.status_code == 422
    assert "l’extension « casse », qui n’a pas pu" in plain(report.text)
    assert (await site.client.get("/rapports/faux/faux.csv")).status_code == 404


async def test_no_word_of_an_extension_is_ever_html(site: Site) -> None:
    hostile = await site.client.get("/extensions/casse/hostile")
    assert hostile.status_code == 200
    assert "n’a pas pu répondre" not in hostile.text
    given = {"formulaire": "f", "v-a": POISON, "v-d": "hier", "v-e": "a\r\nb", "v-g": "1e9"}
    refused = await site.client.post("/extensions/casse/hostile", data=given)
    assert refused.status_code == 422
    assert "Un jour est attendu" in refused.text
    assert "au plus 9" in plain(refused.text)
    assert (
        await site.client.post("/extensions/casse/hostile", data={"formulaire": "g"})
    ).status_code == 404
    # Well filled in, what the extension does with it fails: said, and what was typed is there.
    failed = await site.client.post(
        "/extensions/casse/hostile", data={"formulaire": "f", "v-a": "Bonjour"}
    )
    assert failed.status_code == 422
    assert "extension « casse ». Elle a échoué" in plain(failed.text)
    assert 'value="Bonjour"' in failed.text
    for typed, said in {
        "refus": "Un champ que la page n’a pas",
        "muet": "sans dire pourquoi",
        "autre": "Elle a échoué",
    }.items():
        form = {"formulaire": "f", "v-a": typed}
        odd = await site.client.post("/extensions/casse/hostile", data=form)
        assert (odd.status_code, said in plain(odd.text)) == (422, True), typed
    for page in (
        hostile,
        refused,
        failed,
        await site.client.get("/extensions"),
        await site.client.get("/leads/1"),
    ):
        assert "<script>alert" not in page.text
        assert "script-src 'self';" in page.headers["content-security-policy"]


def test_what_cannot_be_shown_is_refused_at_start_by_name() -> None:
    head = (
        "from relance import *\nrelance_contract = 1\n@hookimpl\ndef relance_pages():\n  return ["
    )
    wrong = {
        "InterfacePage('../x', 'X', AccessRole.READ, list)": "chemin",
        "InterfacePage('x', 'X', 'lecture', list)": "qui peut la voir",
        "InterfacePage('x', '', AccessRole.READ, list)": "titre",
        "InterfacePage('x', 'X', AccessRole.READ, list, icon='zzz')": "icône",
        "*[InterfacePage('x', 'X', AccessRole.READ, list)] * 2": "deux fois",
        "'une page'": "InterfacePage",
    }
    for source, said in wrong.items():
        plugins = plugins_of({"essai": module_of(f"{head}{source}]\n")})
        with pytest.raises(ContractError, match=said):
            AddedInterface.of(plugins, FakeHost(), PATHS)
    taken = PIGEON.replace('"pigeons", "Les pigeons"', '"maison", "Les pigeons"')
    with pytest.raises(ContractError, match="déjà l’un du serveur"):
        added_reports(plugins_of({"pigeon": module_of(taken)}))


async def test_the_documented_extension_is_tried_without_a_server() -> None:
    module = module_of(PIGEON)
    assert check_plugin(module) == ()
    (page,), (panel,), (report,) = (
        module.relance_pages(FakeHost()),
        module.relance_panels(),
        module.relance_reports(),
    )
    house = FakeHouse(found={"pigeons.laches": 4})
    figures, _, form = await page.body(house)
    assert figures.figures[0].value == 4
    host_said = await form.submit({"nom": "Zoé", "vers": "personne@exemple.ca"})
    assert "vers" in host_said.fields
    assert (await report.read(house)).rows == ((4,),)
    assert await panel.body(FakeLead()) == []
