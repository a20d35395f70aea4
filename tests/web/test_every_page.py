"""Every page in a real browser: full of hostile names, of a new project, and while the base is away.

A new page is tried by itself; one whose address names something new says what here.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from httpx import Response
from playwright.async_api import Page, Request
from starlette.routing import Route

from relance.access_role import AccessRole
from relance.errors import StoreUnavailable
from server.orders.publishing import PublishOrder
from server.publication import requests
from server.publication.report import PublishedChange
from server.publication.requests import WishedPublication, written
from server.settings import Settings
from server.web.look.files import LOOK
from tests.chromium import chromium, needed, unfit
from tests.http.conftest import Site, all_plugins, running
from tests.pages import ENDLESS
from tests.signed import session_of, token_of
from tests.web.test_import_pages import chosen, received, tried
from tests.web.test_interface import PICTURES, POISON, opened, plain, settled
from tests.whole import lay_out, saving

#: A star in a name stands for several.
NAMED = "<b>\"'&lt;x> {{7+7}} {%raw%}"
READER = {"accept": "text/html"}
WIDTHS = (320, 390, 768, 1280, 1920)
LONG = "Très-long-nom-sans-un-espace-" * 3
RULES = f"""\
campagne « {NAMED} »
  description : {POISON}
  groupe exclusif : « {NAMED} », priorité 1
  entrée
    quand Formulaire ({NAMED}) rempli
  objectif « {NAMED} » : Événement ({NAMED}) survenu, cible 25 %
  étape « {NAMED} »
  Étiqueter ({NAMED})
  Envoyer courriel ({NAMED})
  attendre au plus 3 jours
    dès que Événement ({NAMED}) survenu
      Étiqueter (Curieux)
    passé ce délai
      Envoyer courriel ({LONG})
  fin
fin

campagne « {LONG} »
  groupe exclusif : « {NAMED} », priorité 1
  entrée
    quand Formulaire ({LONG}) rempli
  Étiqueter ({LONG})
fin

liste « {NAMED} » : Lead étiqueté ({NAMED})

scénario « {NAMED} »
  lead (A) : courriel (a@exemple.ca)
  le 2026-12-01 à 9 h, (A) : Formulaire ({NAMED}) rempli
  vérifier (A) : Lead étiqueté ({NAMED})
fin
""".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
#: The line of a block that may go to several places.
BLOCK = RULES[: RULES.index("  Étiqueter")].count("\n") + 1
FILE = "courriels/accueil.md"
#: What the place of an address stands for here; an address alone, where the place is shared.
PLACES = {"lead": "1", "compte": "1", "numero": "1", "campagne": "1", "version": "1", "cle": "1"}
PLACES |= {
    "demande": "1",
    "partie": "etapes.csv",
    "jeton": "x",
    "ordre": "pause",
    "modele": "bienvenue",
    "liste": "s1",
}
PLACES |= {"nom": quote(NAMED.lower(), safe=""), "file:path": "regles.relance"}
#: Of what an address asks for in a page.
ASKED = ("/campagnes?cherche=zzz", "/leads?cherche=zzz")
#: What is asked for by a page, and is none.
BYTES = ("/images/{mark}", "/statique/{mark}/{file}", "/apercu/{mark}")
SHEET = f"E-mail;Prénom;{NAMED[:3]}\naline@exemple.ca;{LONG};<b>\nbob@exemple;;\n".encode()
#: Those that a project full of names shows no otherwise.
PLAIN = ("/touches", "/connexion/code", "/connexion/confirmer", "/compte/facteur")
#: All that a first visit may weigh, in bytes, the editor apart.
FIRST_VISIT = 250_000
ELSEWHERE = {"/messages/{file:path}": f"/messages/{FILE}"}
ELSEWHERE["/blocs/{file:path}"] = f"/blocs/regles.relance?a={BLOCK}"
ELSEWHERE["/rapports/enregistres/nouveau"] = "/rapports/enregistres/nouveau?rapport=campagne"


def message(name: str) -> str:
    """Its own text is a template, which holds nothing that is one by mistake."""
    head = f"---\nnom: {name}\nobjet: {POISON.partition('{{')[0]}\n---\n"
    return head + "Bonjour {{ prénom }} [là](https://exemple.ca/<b>)\n"


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Site]:
    """A server where whatever has a name has a hostile one."""
    files = {"regles.relance": RULES, FILE: message(NAMED), "courriels/long.md": message(LONG)}
    lay_out(tmp_path, files)
    async with serving(tmp_path) as site:
        fields = {"prénom": POISON, "nom": LONG, "ville": POISON, "dit": POISON}
        for name in ("ana", "bob"):
            answer = fields | {"courriel": f"{name}.{LONG[:50]}@exemple.ca"}
            posted = await site.post(quote(NAMED, safe=""), data=answer)
            assert posted.status_code == 201, posted.text
        await site.post(quote(NAMED, safe=""), data={"courriel": POISON})
        await settled(site, "SELECT count(*) FROM waits WHERE topic <> ''", 2)
        client = site.client
        made = {"nom": f"Salon {NAMED}"[:60], "sorte": "statique"}
        assert (await client.post("/listes/nouvelle", data=made)).status_code == 303
        register = site.runtime.access.register
        await session_of(site.runtime, AccessRole, "autre@exemple.ca")
        async with register.store.write() as conn:
            await conn.exec_driver_sql("UPDATE accounts SET name = ?", (POISON[:100],))
            await conn.exec_driver_sql(
                "INSERT INTO passkeys SELECT 1, id, 'x', 'x', 'x', ?, name, 0, 1, 1"
                " FROM accounts WHERE email_key = 'camille@exemple.ca'",
                (LONG,),
            )
        await token_of(site.runtime, AccessRole.READ)
        async with register.store.write() as conn:
            await conn.exec_driver_sql("UPDATE api_tokens SET name = ?", (POISON[:60],))
        change = PublishedChange("campaign", NAMED, "changed", POISON)
        wish = PublishOrder(POISON[:100], POISON).arguments()["publication"]
        wished = WishedPublication(POISON[:100], "autre", wish, 0, "x", written([change]))
        async with site.runtime.store.write() as conn:
            await requests.keep(conn, wished, 1)
        kept = {"rapport": "campagne", "sujet": NAMED, "jours": "30-jours", "nom": POISON[:90]}
        saved = await client.post("/rapports/enregistres/nouveau", data=kept)
        assert saved.status_code == 303, plain(saved.text)
        for gesture, name in (("ranger", NAMED), ("etiqueter", NAMED.replace(";", ""))):
            put = {"geste": gesture, "nom": name, "campagne": "1"}
            assert (await client.post("/campagnes/ranger", data=put)).status_code == 303
        paused = await client.post("/campagnes/1/pause", data={"pourquoi": POISON})
        assert paused.status_code == 303
        yield site


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Site]:
    settings: Settings = saving(folder, {"RELANCE_PORT": "0"})
    async with running(settings, all_plugins()) as site:
        async with asyncio.timeout(30):
            await site.runtime.prepared.wait()
        yield site


async def a_file_brought_in(site: Site) -> dict[str, str]:
    """One that is in, and one that is tried: what their addresses hold."""
    at = await received(site, SHEET, f"{NAMED}.csv".replace("/", ""))
    form = chosen((await site.client.get(f"{at}/colonnes")).text)
    await site.client.post(f"{at}/colonnes", data=form)
    await tried(site, at)
    followed = (await site.client.post(f"{at}/lancer")).headers["location"]
    await settled(site, "SELECT count(*) FROM imports WHERE state = 'done'", 1)
    again = await received(site, SHEET, f"{LONG}.csv")
    await site.client.post(f"{again}/colonnes", data=form)
    await tried(site, again)
    return {"depot": again.rpartition("/")[2], "mark": followed.rpartition("/")[2]}


def shown(site: Site, places: Mapping[str, str]) -> Iterator[str]:
    """The address of each page that can be looked at, of all the routes there are, by those places.

    A page for programs, and a stream, are none.
    """
    for route in site.runtime.app._pages.routes:
        assert isinstance(route, Route)
        path = ELSEWHERE.get(route.path, route.path)
        if path.startswith("/api/") or path.endswith("/vif") or path in ENDLESS:
            continue
        for place, value in places.items():
            path = path.replace(f"{{{place}}}", value)
        if "GET" in (route.methods or ()) and route.path not in BYTES:
            yield path


async def asked(site: Site, path: str) -> Response:
    """What is answered, asked again as it says where a machine that stood still had no time for it."""
    answer = await site.client.get(path, headers=READER)
    if answer.status_code == 503 and path != "/sante":
        await asyncio.sleep(int(answer.headers["retry-after"]))
        answer = await site.client.get(path, headers=READER)
    return answer


async def whole(site: Site, path: str) -> bool:
    """Whether a page is there, and no part of one, file, or door to another."""
    answer = await asked(site, path)
    html = answer.headers.get("content-type", "").startswith("text/html")
    assert answer.status_code < 500 or path == "/sante", (path, plain(answer.text))
    return html and answer.status_code == 200 and "<html" in answer.text


#: In what a page is looked at by axe: full of names in the first, of a new project in the second;
#: in both when pictures are left, for whoever has the time.
MODES = ((1280, "dark"), (320, "light"))


async def fit(page: Page, name: str, modes: Iterable[tuple[int, str]]) -> list[str]:
    """What is wrong of that page at one width or another, light or dark."""
    wrong = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{name}: wider than {width}")
    for width, scheme in modes:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wrong += [f"{name}, {width} {scheme}: {one}" for one in await unfit(page)]
        if PICTURES:
            to = re.sub(r"\W+", "-", name)[:60]
            await page.screenshot(path=Path(PICTURES) / f"{to}-{width}.png", full_page=True)
    return wrong


async def walked(site: Site, paths: Iterable[str], modes: Iterable[tuple[int, str]]) -> list[str]:
    """What is wrong of those pages, the console and the policy of what they may load included."""
    wrong = []
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        for path in paths:
            await page.goto(site.runtime.url + path)
            wrong += await fit(page, path, modes)
            wrong += [f"{path}: {one}" for one in refused]
            refused.clear()
    return wrong


@needed
@pytest.mark.timeout(300)
async def test_every_page_shows_any_name_as_text_and_fits_each_screen(full: Site) -> None:
    places = PLACES | await a_file_brought_in(full)
    addresses = list(shown(full, places))
    assert [one for one in addresses if "{" in one] == [], "say in PLACES what it names here"
    found = [path for path in addresses if await whole(full, path)]
    assert len(found) > 45
    assert await walked(full, (*found, *ASKED), MODES if PICTURES else MODES[:1]) == []


@needed
async def test_every_page_of_a_new_project_fits_and_the_first_visit_is_light(
    tmp_path: Path,
) -> None:
    lay_out(tmp_path, {})
    async with serving(tmp_path) as site:
        found = [path for path in shown(site, {}) if "{" not in path and await whole(site, path)]
        empty = [one for one in found if one not in PLAIN]
        assert await walked(site, empty, MODES[1:]) == []
        assert await weight(site, "/") < FIRST_VISIT
        assert await weight(site, "/campagnes") < FIRST_VISIT


async def weight(site: Site, path: str) -> int:
    """The bytes that a browser that was never there is sent of a page, and of all it loads."""
    async with chromium(viewport={"width": 1280, "height": 900}) as browser:
        page, refused = await opened(browser, site)
        came: list[Request] = []
        page.on("requestfinished", lambda one: came.append(one))
        await page.goto(site.runtime.url + path, wait_until="load")
        await page.evaluate("document.fonts.ready")
        sizes = [await one.sizes() for one in came if "/vif" not in one.url]
        assert refused == []
        assert len(sizes) > 5
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)


async def test_the_look_goes_compressed_to_who_takes_it_so_and_no_page_does(
    tmp_path: Path,
) -> None:
    lay_out(tmp_path, {})
    async with serving(tmp_path) as site:
        sheet = LOOK.address("interface.css")
        asked = {"gzip, br": True, "br;q=1, GZIP;q=0.5": True, "gzip;q=0": False, "identity": False}
        bodies = set()
        for said, pressed in asked.items():
            answer = await site.client.get(sheet, headers={"accept-encoding": said})
            assert (answer.headers.get("content-encoding") == "gzip") is pressed, said
            assert answer.headers["vary"] == "Accept-Encoding"
            bodies.add(answer.text)
        assert len(bodies) == 1
        page = await site.client.get("/compte", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in page.headers, "it holds the seal of its forms"


async def test_while_the_base_is_away_every_page_says_that_nothing_is_lost(
    full: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [path for path in shown(full, PLACES) if "{" not in path and await whole(full, path)]

    def away(*_: object) -> None:
        raise StoreUnavailable("la base est partie")

    monkeypatch.setattr(full.runtime.store, "read", away)
    wrong = []
    for path in found:
        answer = await full.client.get(path, headers=READER)
        said = plain(answer.text)
        kept = "l’est toujours" in said and "envoyez de nouveau" not in said
        own = "<nav" in answer.text or answer.status_code == 200
        if answer.status_code not in (200, 503) or not (kept or own):
            wrong.append((path, answer.status_code))
    assert wrong == []
    put = {"geste": "ranger", "nom": "A", "campagne": "1"}
    refused = await full.client.post("/campagnes/ranger", data=put, headers=READER)
    assert (refused.status_code, "Rien n’a été gardé" in refused.text) == (503, True)
