"""`/api/v1`: a campaign's season through it alone, each answer held to the document that says it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text
from starlette.routing import Match

from relance.access_role import AccessRole
from server.engine.life.resuming import How
from server.housekeeping import sweep
from server.settings import PublishingMode, Settings
from server.store import api_answers, saved_reports
from server.store.saved_reports import SavedQuestion
from server.store.schema.leads import leads
from server.web.reach import PageRoute
from tests.http.conftest import Site, all_plugins, running
from tests.signed import token_of
from tests.whole import lay_out

SCRIPT = (
    "campagne « Bienvenue »\n"
    "  entrée\n"
    "    quand Formulaire (Contact) rempli\n"
    "  étape « Accueil »\n"
    "  Étiqueter (Curieux)\n"
    "  Attendre pendant 2 jours\n"
    "fin\n"
)
BY_STATE = (
    "\ncampagne « Chauds »\n"
    "  entrée\n"
    "    quand Pointage lead au-dessus de (50)\n"
    "  Étiqueter (Chaud)\n"
    "fin\n"
)
JSON = {"content-type": "application/json"}
KINDS = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def held_to(schema: Any, value: Any, where: str = "") -> None:
    """Fail unless `value` is as this part of the document says."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, KINDS[one]) for one in kinds), (where, value)
    assert not isinstance(value, bool) or "boolean" in kinds, (where, value)
    if value is None:
        return
    assert value in schema.get("enum", [value]), (where, value)
    if isinstance(value, int | float):
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), where
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), (where, value)
        for name, one in value.items():
            known = schema.get("properties", {}).get(name, schema["additionalProperties"])
            held_to(known, one, f"{where}/{name}")
    if isinstance(value, list):
        for at, one in enumerate(value):
            held_to(schema["items"], one, f"{where}/{at}")


class Program:
    """A program with a token, that believes the document and nothing else."""

    def __init__(self, client: httpx.AsyncClient, document: Any) -> None:
        self.client = client
        self.asked: dict[str, tuple[str, str, Any]] = {
            one["operationId"]: (method.upper(), path, one)
            for path, methods in document["paths"].items()
            for method, one in methods.items()
        }
        self.problem = document["components"]["schemas"]["Problem"]

    async def ask(
        self,
        operation: str,
        /,
        *,
        status: int = 200,
        headers: Any = None,
        body: Any = None,
        content: bytes | None = None,
        **given: Any,
    ) -> httpx.Response:
        method, path, said = self.asked[operation]
        for one in said.get("parameters", ()):
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", str(given.pop(one["name"])))
        sent: Any = {"json": body} if content is None else {"content": content}
        answer = await self.client.request(method, path, params=given, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        assert status == 304 or str(status) in said["responses"], (
            f"{operation}: {status} is not said"
        )
        if status in (200, 202):
            held_to(
                said["responses"][str(status)]["content"]["application/json"]["schema"],
                answer.json(),
            )
        elif status != 304:
            held_to(self.problem, answer.json())
        return answer


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    lay_out(settings.folder, {"regles.relance": SCRIPT})
    chosen = replace(settings, publishing=PublishingMode.ON_DEMAND, entering=1)
    async with running(chosen, all_plugins(), signed_in=False) as opened:
        opened.client.timeout = httpx.Timeout(60)  # to publish plays scenarios
        opened.client.headers["authorization"] = (
            f"Bearer {await token_of(opened.runtime, *AccessRole)}"
        )
        yield opened


@pytest.fixture
async def program(site: Site) -> Program:
    return Program(site.client, (await site.client.get("/api/v1/openapi.json")).json())


async def test_a_season_of_a_campaign_goes_through_it_alone(site: Site, program: Program) -> None:
    assert (await program.ask("listCampaigns")).json() == {"items": [], "next": None}
    tried = (await program.ask("publish", body={"trial": True, "activer": ["Rien"]})).json()
    assert [one["name"] for one in tried["changements"] if one["kind"] == "campaign"] == [
        "Bienvenue"
    ]
    assert "Rien" in tried["refus"]
    assert (await program.ask("listCampaigns")).json()["items"] == [], "a trial publishes nothing"
    published = (await program.ask("publish", body={"note": "le printemps"})).json()
    assert (published["publication"], published["problemes"]) == (1, [])
    assert (await program.ask("publish", body={})).json()["publication"] is None
    (one,) = (await program.ask("listCampaigns")).json()["items"]
    assert (one["campagne"], one["etat"]) == ("Bienvenue", "inactive")

    seen = (await program.ask("getCampaign", name="bienvenue")).headers["etag"]
    await program.ask("getCampaign", name="Bienvenue", status=304, headers={"if-none-match": seen})
    await program.ask("getCampaign", name="Bienvenue", status=304, headers={"if-none-match": "*"})
    done = (await program.ask("activateCampaign", name="Bienvenue", body={"pourquoi": "on y va"})).json()  # fmt: skip
    assert (done["campagne"]["etat"], done["campagne"]["pourquoi"]) == ("active", "on y va")
    stale = {"if-match": seen}
    await program.ask("pauseCampaign", name="Bienvenue", status=412, headers=stale)

    await site.post("Contact", data={"courriel": "aline@exemple.ca"})
    await site.runtime.engine.finish()
    (lead,) = (await program.ask("findLeads", q="aline@exemple.ca")).json()["items"]
    known = (await program.ask("getLead", lead=lead["lead"])).json()
    assert (known["fields"]["courriel"], known["tags"]) == ("aline@exemple.ca", ["Curieux"])
    said = (await program.ask("explainLead", lead=lead["lead"])).json()
    assert [stay["campaign"] for stay in said["campaigns"]] == ["Bienvenue"]
    assert any("Curieux" in line["text"] for line in said["timeline"])
    report = (await program.ask("reportCampaigns")).json()
    assert [line["entrees"] for line in report["campaigns"]] == [1]
    named = {"Campaign": "Bienvenue", "Present": "bienvenue", "Gone": "Bienvenue"}
    for one in (one for one in program.asked if one.startswith("report")):
        given = {"lead": lead["lead"]} if one == "reportLead" else {}
        if one.removeprefix("report") in named:
            given = {"name": named[one.removeprefix("report")]}
        assert (await program.ask(one, **given)).json(), one
    (there,) = (await program.ask("reportPresent", name="Bienvenue")).json()["report"]
    assert (there["courriel"], there["etape"]) == ("aline@exemple.ca", "Accueil")
    of_one = await program.ask("reportIndicators", campaign="Bienvenue")
    assert of_one.json()["report"]["resume"]["contacts"] == 0
    await program.ask("reportIndicators", campaign="Bienvenu", status=404)
    course = await program.ask("reportCourse", campaign="Bienvenue", by="month")
    assert sum(line["entrees"] for line in course.json()["report"]) == 1

    for way, state in (("pause", "paused"), ("resume", "active"), ("archive", "archived")):
        await program.ask(f"{way}Campaign", name="Bienvenue")
        async with asyncio.timeout(30):  # its people are given back part by part
            while (await program.ask("getCampaign", name="Bienvenue")).json()["etat"] != state:
                await asyncio.sleep(0.02)
    journal = await site.rows("SELECT who, action, object FROM audit_log ORDER BY number")
    assert ("jeton «\u00a0essai\u00a0»", "ordre.pause", "Bienvenue") in {
        tuple(one) for one in journal
    }


async def test_a_ready_campaign_is_taken_written_and_published_by_programs(
    site: Site, program: Program
) -> None:
    models = (await program.ask("listModels")).json()["items"]
    assert {"bienvenue", "anniversaire"} <= {one["name"] for one in models}
    taken = {"name": "Accueil", "channel": "courriel"}
    made = (await program.ask("copyModel", model="bienvenue", body=taken)).json()
    assert (made["campaign"], made["file"]) == ("Accueil", "accueil.relance")
    await program.ask("copyModel", model="bienvenue", body=taken, status=422)
    await program.ask("copyModel", model="rien", body=taken, status=404)
    nameless = {"name": " ", "channel": "courriel"}
    await program.ask("copyModel", model="bienvenue", body=nameless, status=422)
    begun = (await program.ask("createScript", body={"name": "Été à vélo"})).json()
    assert begun["file"] == "ete-a-velo.relance"
    assert (await program.ask("publish", body={"trial": True})).json()["problemes"] == []
    await program.ask("createScript", body={"name": "Été à vélo"}, status=422)
    pasted = {"name": "Collée", "text": SCRIPT.replace("Bienvenue", "Collée")}
    assert (await program.ask("createScript", body=pasted)).json()["text"] == pasted["text"]
    assert {"file": made["file"]} in (await program.ask("listScripts")).json()["items"]

    read = await program.ask("getScript", file=made["file"])
    longer = read.json()["text"].replace("30 jours", "20 jours") + ("# " + "é" * 900 + "\n") * 80
    seen = {"if-match": read.headers["etag"]}
    saved = await program.ask("saveScript", file=made["file"], body={"text": longer}, headers=seen)
    assert (saved.json()["text"], saved.json()["remarks"]) == (longer, [])
    stale = {"file": made["file"], "body": {"text": "# rien"}, "headers": seen}
    await program.ask("saveScript", status=412, **stale)
    # Who does not say what they have seen writes over nothing, unless they say so too.
    await program.ask("saveScript", status=428, file=made["file"], body={"text": "# rien"})
    now = {"if-match": saved.headers["etag"]}
    assert now == {"if-match": (await program.ask("getScript", file=made["file"])).headers["etag"]}
    faulty = {"text": longer.replace("Envoyer", "Envoyez", 1)}
    wrong = await program.ask("saveScript", file=made["file"], body=faulty, headers=now)
    assert (wrong.json()["text"], wrong.json()["remarks"][0]["file"]) == (
        faulty["text"],
        made["file"],
    ), "written all the same, and said"
    over = {"if-match": "*"}
    await program.ask("saveScript", file=made["file"], body={"text": longer}, headers=over)
    (message, *_) = (await program.ask("listMessages")).json()["items"]
    named = {"channel": message["channel"], "name": message["name"]}
    await program.ask("saveMessage", status=428, **named, body={"text": "rien"})
    await program.ask("getScript", file="ailleurs.relance", status=404)
    done = (await program.ask("publish", body={"activer": ["Accueil"]})).json()
    assert done["problemes"] == []
    state = (await program.ask("getCampaign", name="Accueil")).json()["etat"]
    assert state == "active"


async def test_what_is_asked_again_by_its_key_is_answered_the_same_for_a_day(
    site: Site, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"idempotency-key": "printemps-1"}
    first = (await program.ask("publish", body={"note": "oui"}, headers=key)).json()
    assert first["publication"] == 1
    lay_out(site.runtime.settings.folder, {"regles.relance": SCRIPT.replace("2 jours", "3 jours")})
    assert (await program.ask("publish", body={"note": "oui"}, headers=key)).json() == first
    await program.ask("publish", body={"note": "non"}, headers=key, status=422)
    await program.ask("publish", headers={"idempotency-key": "x" * 256}, status=422)
    monkeypatch.setattr(api_answers, "_KEPT_MICROS", -1)
    later = (await program.ask("publish", body={"note": "non"}, headers=key)).json()
    assert later["publication"] == 2
    assert await sweep(site.runtime.store, site.runtime.clock) == 1


async def test_what_is_asked_wrongly_is_said_with_its_place(program: Program) -> None:
    await program.ask("publish", body={"activer": ["Bienvenue"]})
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("listCampaigns", {"limit": 0}, "/limit"),
        ("listCampaigns", {"limit": "beaucoup"}, "/limit"),
        ("listCampaigns", {"cursor": "é"}, "/cursor"),
        ("findLeads", {}, "/q"),
        ("reportCampaigns", {"from": "hier"}, "/from"),
        ("reportCampaigns", {"from": "2026-02-01", "to": "2026-01-01"}, "/from"),
        ("reportCourse", {"by": "siècle"}, "/by"),
        ("reportIndicators", {"from": "2020-01-01"}, "/indicator"),
        ("pauseCampaign", {"name": "Bienvenue", "body": {"raison": "x"}}, "/raison"),
        ("pauseCampaign", {"name": "Bienvenue", "body": {"pourquoi": 3}}, "/pourquoi"),
        ("resumeCampaign", {"name": "Bienvenue", "body": {"en_retard": "oui"}}, "/en_retard"),
        ("resumeCampaign", {"name": "Bienvenue", "body": {"en_retard": "spread"}}, "/secondes"),
        ("listCampaigns", {"limt": 1}, "/limt"),
        ("getLead", {"lead": 1, "limit": 1}, "/limit"),
        ("publish", {"body": {"activer": "Bienvenue"}}, "/activer"),
        ("publish", {"body": {"autoriser": -1}}, "/autoriser"),
        ("publish", {"body": {"trial": "oui"}}, "/trial"),
        ("checkScript", {"body": {"file": "a.txt", "text": ""}}, "/file"),
    ]
    for name, given, pointer in wrong:
        refused = (await program.ask(name, status=422, **given)).json()
        assert refused["errors"][0]["pointer"] == pointer, name
    for name in ("getCampaign", "pauseCampaign", "listOverdue"):
        unknown = (await program.ask(name, name="Bienvenu", status=404)).json()["errors"]
        assert unknown[0]["pointer"] == "/name"
        assert "Vouliez-vous dire «\u00a0Bienvenue\u00a0»" in unknown[0]["detail"]
    unknown = (await program.ask("reportCampaign", name="Bienvenu", status=404)).json()["errors"]
    assert (unknown[0]["pointer"], "Bienvenue" in unknown[0]["detail"]) == ("/name", True)
    for name in ("getLead", "explainLead"):
        for lead in (99, "Aline"):
            unknown = (await program.ask(name, lead=lead, status=404)).json()["errors"]
            assert unknown[0]["pointer"] == "/lead"
    pause = "/api/v1/campaigns/Bienvenue/pause"
    posted = await program.client.post(pause, data={"pourquoi": "x"})
    assert (posted.status_code, "événements" in posted.text) == (415, False)
    broken = await program.client.post(pause, content='{"pourquoi": }', headers=JSON)
    assert (broken.status_code, "colonne 14" in broken.text) == (400, True)
    assert "openapi.json" in (await program.client.get("/api/v1/campaign")).text
    declined = (await program.ask("restoreCampaign", name="Bienvenue", status=409)).json()
    assert "n’est pas archivée" in declined["errors"][0]["detail"]


async def test_questions_about_the_language_are_answered_as_the_document_says(
    program: Program,
) -> None:
    assert (await program.ask("listWords")).json()["phrases"]
    typed = {"file": "regles.relance", "text": SCRIPT, "version": 3}
    at = {"offset": SCRIPT.index("Bienvenue"), "name": "Accueillir"}
    wrong = {**typed, "text": SCRIPT.replace("Étiqueter", "Etiquetter")}
    (remark,) = (await program.ask("checkScript", body=wrong)).json()["diagnostics"]
    assert remark["fixes"]
    phrase = {"offset": SCRIPT.index("Étiqueter") + 1}
    assert (await program.ask("completeScript", body={**typed, **phrase})).json()["items"]
    assert (await program.ask("explainPhrase", body={**typed, **phrase})).json()["hover"]
    assert (await program.ask("explainPhrase", body=typed)).json()["version"] == 3
    found = (await program.ask("findName", body={**typed, "offset": at["offset"]})).json()
    assert found["name"] == "Bienvenue"
    assert (await program.ask("findName", body=typed)).json()["name"] is None
    assert (await program.ask("renameName", body={**typed, **at})).json()["edits"]
    assert (await program.ask("renameName", body={**typed, **at, "offset": 0})).json()["refusal"]
    (campaign,) = (await program.ask("outlineScript", body=typed)).json()["symbols"]
    assert [one["name"] for one in campaign["within"]] == ["Accueil"]
    ragged = {**typed, "text": SCRIPT.replace("  étape", "      étape")}
    assert (await program.ask("formatScript", body=ragged)).json()["edits"]


async def test_an_order_that_is_refused_is_no_success_and_is_told_by_names_of_the_api(
    site: Site, program: Program
) -> None:
    rules = site.runtime.settings.folder / "regles.relance"
    good = rules.read_text("utf-8")
    rules.write_text(f"{good}\ncampagne « Autre »", "utf-8")
    faulty = (await program.ask("publish", body={}, status=409)).json()
    assert any("R1" in one["detail"] for one in faulty["errors"])
    rules.write_text(good, "utf-8")
    (log,) = await site.rows("SELECT after FROM audit_log WHERE action = 'ordre.publier'")
    assert "issue" in log[0]

    async def refused(operation: str, **asked: Any) -> tuple[str, str]:
        (one,) = (await program.ask(operation, status=409, **asked)).json()["errors"]
        assert not re.search(r"relance [a-z]|--[a-z]", one["detail"])
        return one["pointer"], one["detail"]

    pointer, _ = await refused("publish", body={"activer": ["Zzz"]})
    assert pointer == "/activer"
    await program.ask("publish", body={"activer": ["Bienvenue"]})
    rules.write_text(good + BY_STATE, "utf-8")
    await program.ask("publish", body={})
    async with site.runtime.store.write() as conn:
        await conn.execute(insert(leads), [{"created_at": 0, "score": 60}] * 2)
    crowd = await refused("activateCampaign", name="Chauds")
    assert (
        crowd[0],
        "2 personnes" in crowd[1],
        '"autoriser": 2' in crowd[1].replace("\u00a0", " "),
    ) == (
        "/autoriser",
        True,
        True,
    )
    await program.ask("activateCampaign", name="Chauds", body={"autoriser": "2"}, status=422)
    await program.ask("activateCampaign", name="Chauds", body={"autoriser": 2})
    _, said = await refused("restoreCampaign", name="Bienvenue")
    assert "n’est pas archivée" in said
    await site.post("Contact", data={"courriel": "aline@exemple.ca"})
    await site.runtime.engine.finish()
    await program.ask("pauseCampaign", name="Bienvenue")
    _, said = await refused("activateCampaign", name="Bienvenue")
    assert "POST …/resume" in said
    async with site.runtime.store.write() as conn:
        await conn.execute(text("UPDATE enrolments SET wake_at = 1"))
    pointer, said = await refused("resumeCampaign", name="Bienvenue")
    assert (pointer, all(how.value in said for how in How)) == ("/en_retard", True)
    late = (await program.ask("listOverdue", name="Bienvenue")).json()["items"]
    assert [(one["quoi"], one["nombre"]) for one in late] == [
        ("Personnes, étape «\u00a0Accueil\u00a0»", 1)
    ]
    await program.ask("resumeCampaign", name="Bienvenue", body={"en_retard": "all"})
    # Where somebody stands is gone: what becomes of them is asked, and said by the API.
    rules.write_text(good.replace("étape « Accueil »", "étape « Entrée »") + BY_STATE, "utf-8")
    pointer, said = await refused("publish", body={})
    assert (pointer, '"migrate"' in said, '"trial"' in said) == ("/sorts", True, True)
    await program.ask("publish", body={"sorts": {"Bienvenue": "oui"}}, status=422)
    assert (await refused("publish", body={"sorts": {"Bienvenu": "leave"}}))[0] == "/sorts"
    sorts = {"Bienvenue": "keep", "Bienvenue / Accueil": "leave"}
    tried = (await program.ask("publish", body={"sorts": sorts, "trial": True})).json()
    (inside,) = [one for one in tried["changements"] if one["kind"] == "people"]
    assert (inside["count"], tried["refus"]) == (1, None)
    await program.ask("publish", body={"sorts": sorts})
    await site.runtime.engine.finish()
    assert [tuple(one) for one in await site.rows("SELECT outcome FROM enrolments")][-1:] == [
        ("removed",)
    ]


async def test_a_list_is_read_part_by_part_without_a_repeat_or_a_gap(
    site: Site, program: Program
) -> None:
    names = ["Été", "automne", "Hiver", "Printemps", "zone"]
    rules = "\n".join(SCRIPT.replace("Bienvenue", name) for name in names)
    lay_out(site.runtime.settings.folder, {"regles.relance": rules})
    await program.ask("publish", body={})
    found, cursor = [], ""
    while True:
        part = (await program.ask("listCampaigns", limit=2, cursor=cursor)).json()
        found += [one["campagne"] for one in part["items"]]
        if part["next"] is None:
            break
        cursor = part["next"]
    assert found == ["automne", "Été", "Hiver", "Printemps", "zone"]


async def test_a_list_is_filled_and_emptied_by_programs_as_by_pages(
    site: Site, program: Program
) -> None:
    for name in ("aline", "bruno", "chloe"):
        await site.post("Contact", data={"courriel": f"{name}@exemple.ca"})
    await program.ask("createList", body={"liste": "Salon"})
    await program.ask("createList", body={"liste": "salon"}, status=409)
    put = (await program.ask("addList", name="Salon", body={"leads": [1, 2, 3, 99]})).json()
    assert put["dit"] == "3\u00a0personnes mises dans la liste «\u00a0Salon\u00a0»."
    found, cursor = [], ""
    while cursor is not None:
        part = (await program.ask("listMembers", name="Salon", limit=2, cursor=cursor)).json()
        found += [one["lead"] for one in part["items"]]
        cursor = part["next"]
    assert found == [3, 2, 1]
    await program.ask("removeList", name="Salon", body={"leads": [2]})
    assert (await program.ask("getList", name="SALON")).json()["membres"] == 2
    for wrong in ([], [0], ["1"], None):
        refused = await program.ask("addList", name="Salon", body={"leads": wrong}, status=422)
        assert refused.json()["errors"][0]["pointer"] == "/leads"
    unknown = (await program.ask("emptyList", name="Salo", status=404)).json()["errors"][0]
    assert "Vouliez-vous dire «\u00a0Salon\u00a0»" in unknown["detail"]
    await program.ask("emptyList", name="Salon")
    (one,) = (await program.ask("listLists")).json()["items"]
    assert (one["liste"], one["membres"], one["dynamique"]) == ("Salon", 0, False)
    await program.ask("deleteList", name="Salon")
    assert (await program.ask("listLists")).json()["items"] == []


async def test_leads_are_chosen_by_a_sentence_and_tagged_together(
    site: Site, program: Program
) -> None:
    for name in ("aline", "bruno", "chloe"):
        await site.post("Contact", data={"courriel": f"{name}@exemple.ca"})
    chosen = "Champ lead (courriel) contient (o)"
    part = (await program.ask("findLeads", filter=chosen)).json()
    assert [(one["lead"], one["email"], one["name"]) for one in part["items"]] == [
        (3, "chloe@exemple.ca", None),
        (2, "bruno@exemple.ca", None),
    ]
    assert part["next"] is None
    whole = await program.client.get("/api/v1/leads/export", params={"filter": chosen})
    assert whole.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in whole.text.splitlines()] == part["items"]
    assert (await program.client.get("/api/v1/leads/export")).status_code == 422
    none = await program.client.get("/api/v1/leads/export?filter=Lead étiqueté (Personne)")
    assert (none.status_code, none.text) == (200, "")
    leads_ = [one["lead"] for one in part["items"]]
    said = (await program.ask("tagLeads", body={"etiquette": "O", "leads": leads_})).json()["dit"]
    assert said == "2\u00a0personnes portent maintenant l’étiquette «\u00a0O\u00a0»."
    await program.ask("untagLeads", body={"etiquette": "O", "leads": [3]})
    tagged = (await program.ask("findLeads", filter="Lead étiqueté (O)")).json()["items"]
    assert [one["lead"] for one in tagged] == [2]
    for wrong in ("Machin", "Lead étiqueté (O) et", ""):
        refused = (await program.ask("findLeads", filter=wrong, status=422)).json()["errors"]
        assert {one["pointer"] for one in refused} == {"/filter"}
    await program.ask("findLeads", filter=chosen, q="x", status=422)
    await program.ask("tagLeads", body={"etiquette": "", "leads": [1]}, status=409)


async def test_a_lead_is_made_corrected_made_one_with_another_and_forgotten_by_programs(
    site: Site, program: Program
) -> None:
    person = {"courriel": "aline@exemple.ca", "prénom": "Aline"}
    one = (await program.ask("createLead", body={"champs": person})).json()["lead"]
    other = {"téléphone": "514 555-0134", "date de naissance": "1980-05-01"}
    two = (await program.ask("createLead", body={"champs": other})).json()["lead"]
    wrong = {"champs": {"courriel": "@", "zzz": "x", "date de naissance": "hier"}}
    refused = (await program.ask("correctLead", lead=one, body=wrong, status=422)).json()["errors"]
    assert {each["pointer"] for each in refused} == {
        "/champs/courriel",
        "/champs/zzz",
        "/champs/date de naissance",
    }
    await program.ask("createLead", body={"champs": {"prénom": "x"}}, status=409)
    await program.ask("createLead", body={"champs": person}, status=409)
    moved = {"champs": {"ville": "Lévis", "prénom": None}}
    await program.ask("correctLead", lead=one, body=moved)
    fields = (await program.ask("getLead", lead=one)).json()["fields"]
    assert (fields["ville"], fields["prénom"]) == ("Lévis", None)
    await program.ask("mergeLeads", lead=one, body={"avec": two})
    assert (await program.ask("getLead", lead=two)).json()["lead"] == one
    await program.ask("separateLead", lead=two)
    assert (await program.ask("getLead", lead=two)).json()["lead"] == two
    assert "aline@exemple.ca" in (await program.ask("getDossier", lead=one)).text
    await program.ask("eraseLead", lead=one, body={"mot": "oui"}, status=422)
    await program.ask("eraseLead", lead=one, body={"mot": "oublier"})
    await program.ask("getLead", lead=one, status=404)


async def test_each_operation_of_the_document_opens_to_its_role_and_to_no_other(
    site: Site, program: Program
) -> None:
    """By what its door says, and `test_who_may_ask` tries each door with each."""
    wrong = []
    for name, (method, path, said) in program.asked.items():
        asked = {"type": "http", "path": path, "root_path": "", "method": method}
        doors = [
            one.page.asked(method)
            for one in site.runtime.app._pages.routes
            if isinstance(one, PageRoute) and one.matches(asked)[0] is Match.FULL
        ]
        if not doors or doors[0].role is None or doors[0].role.code != said["x-role"]:
            wrong.append((name, doors))
    assert wrong == []


async def test_a_file_of_leads_is_received_tried_and_brought_in_by_programs(
    site: Site, program: Program
) -> None:
    rows = (
        "E-mail;Prénom;Notes\naline@exemple.ca;Aline;x\nbob@exemple;Bob;\ncarla@exemple.ca;Carla;\n"
    )
    kept = (await program.ask("receiveFile", name="salon.csv", content=rows.encode())).json()
    assert [(one["name"], one["field"]) for one in kept["columns"]] == [
        ("E-mail", "courriel"),
        ("Prénom", "prénom"),
        ("Notes", None),
    ]
    await program.ask("receiveFile", name="", content=b"x", status=422)
    await program.ask("receiveFile", name="x.csv", content=b"\n", status=422)
    mine = {"file": kept["file"]}
    wrong = {"columns": {"Notes": "humeur"}}
    for body, pointer in (
        (wrong, "/columns/Notes"),
        ({"columns": {"E-mail": None}}, "/columns"),
        ({"key": "humeur"}, "/key"),
        ({"lists": "Salon"}, "/lists"),
        ({"as_of": "hier"}, "/as_of"),
    ):
        refused = (await program.ask("tryFile", **mine, body=body, status=422)).json()["errors"]
        assert refused[0]["pointer"] == pointer, body
    order = {"columns": {"Notes": None}, "lists": ["Salon"], "tags": ["2026"]}
    tried = (await program.ask("tryFile", **mine, body=order)).json()
    async with asyncio.timeout(30):
        while not tried["done"]:
            tried = (await program.ask("tryFile", **mine, body={})).json()
    assert (tried["created"], [one["line"] for one in tried["rejects"]]) == (2, [3])
    assert await site.rows("SELECT count(*) FROM leads") == [(0,)], "nothing is written"
    mark = (await program.ask("startFile", **mine, body={})).json()["import"]
    async with asyncio.timeout(60):
        while (at := (await program.ask("getImport", **{"import": mark})).json())[
            "state"
        ] != "done":
            await asyncio.sleep(0.05)
    assert (at["created"], at["rejected"], at["name"]) == (2, 1, "salon.csv")
    assert await site.rows("SELECT count(*) FROM list_members") == [(2,)]
    await program.ask("startFile", **mine, body={}, status=404)
    log = await site.rows("SELECT object FROM audit_log WHERE action = 'import.lance'")
    assert [tuple(one) for one in log] == [("salon.csv",)]


async def test_the_team_of_the_draft_is_changed_by_programs_and_no_setting_is_told_a_secret(
    site: Site, program: Program
) -> None:
    folder = site.runtime.settings.folder
    lay_out(folder, {".relance/reglages-secrets.toml": '[email]\nmot_de_passe = "tres-secret"\n'})
    denise = {"name": "Denise", "email": "denise@exemple.ca", "phone": "514 555-0101"}
    await program.ask("savePerson", body=denise)
    await program.ask("savePerson", body={**denise, "name": "Denis", "former": "Denise"})
    (one,) = (await program.ask("listPeople")).json()["items"]
    assert (one["name"], one["email"], one["absent"]) == ("Denis", "denise@exemple.ca", False)
    await program.ask("savePerson", body={"name": "Sans", "email": " "}, status=422)
    await program.ask("removePerson", body={"name": "Personne"}, status=409)
    await program.ask("removePerson", body={"name": "Denis"})
    assert (await program.ask("listPeople")).json()["items"] == []
    found = await program.ask("listSettings")
    assert "tres-secret" not in found.text
    known = {(one["section"], one["key"]): one for one in found.json()["items"]}
    assert known["email", "mot_de_passe"]["set"]
    assert known["email", "mot_de_passe"]["value"] in (None, "fixé")

    seen = {"if-match": found.headers["etag"]}
    port = {"section": "email", "key": "port", "value": "2525"}
    await program.ask("changeSetting", body=port, status=428)
    changed = await program.ask("changeSetting", body=port, headers=seen)
    assert changed.json()["setting"]["value"] == "2525"
    assert "port = 2525" in (folder / "relance.toml").read_text("utf-8")
    await program.ask("changeSetting", body=port, headers=seen, status=412)
    seen = {"if-match": changed.headers["etag"]}
    wrong = await program.ask(
        "changeSetting", body={**port, "value": "x"}, headers=seen, status=409
    )
    assert wrong.json()["errors"] == [{"pointer": "/value", "detail": "Écrivez un nombre."}]
    misnamed = await program.ask(
        "changeSetting", body={**port, "key": "prot"}, headers=seen, status=404
    )
    assert "email.port" in misnamed.text
    secret = {"section": "email", "key": "mot_de_passe", "value": "autre-secret"}
    answer = await program.ask("changeSetting", body=secret, headers=seen)
    assert "autre-secret" not in answer.text
    kept = (folder / ".relance" / "reglages-secrets.toml").read_text("utf-8")
    assert "autre-secret" in kept
    empty = {**secret, "value": ""}
    await program.ask("changeSetting", body=empty, headers={"if-match": "*"}, status=422)

    journal = await site.client.get("/api/v1/journal", params={"kind": "ordre."})
    assert journal.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in journal.text.splitlines()]
    line_schema = program.asked["exportJournal"][2]["responses"]["200"]["content"]
    for line in lines:
        held_to(line_schema["application/x-ndjson"]["schema"], line)
    assert [line["action"] for line in lines][:2] == ["ordre.regler", "ordre.regler"]
    assert "autre-secret" not in journal.text
    after = {"kind": "ordre.", "before": lines[0]["number"]}
    rest = (await site.client.get("/api/v1/journal", params=after)).text.splitlines()
    assert [json.loads(line)["number"] for line in rest] == [one["number"] for one in lines[1:]]
    for bad in ({"kind": "rien"}, {"before": "hier"}):
        assert (await site.client.get("/api/v1/journal", params=bad)).status_code == 422
    taken = await site.rows("SELECT count(*) FROM audit_log WHERE action = 'journal.exporte'")
    assert [tuple(one) for one in taken] == [(2,)]


async def test_a_report_that_a_person_saved_is_read_by_programs(
    site: Site, program: Program
) -> None:
    await program.ask("publish", body={})
    async with site.runtime.store.write() as conn:
        asked = SavedQuestion("maison", "", "", "jour", "7-jours", compared=True)
        await saved_reports.create(conn, "La semaine", 1, asked, 0)
    (one,) = (await program.ask("listSavedReports")).json()["items"]
    assert (one["name"], one["mailed"]) == ("La semaine", None)
    read = (await program.ask("readSavedReport", name="la semaine")).json()
    assert set(read) == {"name", "report", "before", "from", "to"}
    assert len(read["report"]["cours"]) == 7
    await program.ask("readSavedReport", name="rien", status=404)
    (away, there) = (
        {"name": "Denise", "from": "2099-01-02", "to": day} for day in ("x", "2099-01-03")
    )
    await program.ask("addAbsence", body=away, status=409)
    await program.ask("addAbsence", body=there, status=409)
    assert (await program.ask("listAbsences")).json()["items"] == []
    await program.ask("removeAbsence", absence=7, status=409)
