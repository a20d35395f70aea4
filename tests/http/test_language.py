"""The language service over HTTP: the draft as it is, with the text being typed, and nothing kept of it."""

from typing import Any

from tests.http.conftest import Site
from tests.whole import lay_out

SCRIPT = (
    "campagne « Bienvenue »\n"
    "  entrée\n"
    "    quand Formulaire (Contact) rempli\n"
    "  étape « Accueil »\n"
    "  Envoyer courriel (Bienvenue)\n"
    "fin\n"
)
MESSAGE = "---\nnom: Bienvenue\nobjet: Bonjour\n---\nBonjour.\n"
FILES = {"a.relance": SCRIPT, "courriels/a.md": MESSAGE}


async def asked(site: Site, what: str, text: str = SCRIPT, **given: Any) -> Any:
    at = text.find("|")
    if at >= 0:
        text = text.replace("|", "")
        given["offset"] = len(text[:at].encode("utf-16-le")) // 2
    asked = {"file": "a.relance", "text": text, **given}
    answer = await site.client.post(f"/api/v1/language/{what}", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_remarks_are_of_the_text_typed_with_places_as_editors_count(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    typed = SCRIPT.replace("Envoyer", "# 😀\n  Envoier")
    found = await asked(site, "check", typed, version=7)
    (remark,) = found["diagnostics"]
    assert found["version"] == 7
    units = typed.encode("utf-16-le")
    start, end = (2 * remark[side]["utf16_offset"] for side in ("start", "end"))
    assert units[start:end].decode("utf-16-le").startswith("Envoier courriel")
    (fix,) = remark["fixes"]
    mended = units[: 2 * fix["start"]["utf16_offset"]].decode("utf-16-le") + fix["text"]
    mended += units[2 * fix["end"]["utf16_offset"] :].decode("utf-16-le")
    assert (await asked(site, "check", mended))["diagnostics"] == []


async def test_a_remark_names_a_command_to_a_program_and_a_button_to_a_page(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    typed = SCRIPT.replace("Envoyer courriel (Bienvenue)", "Patienter un moment")
    said = [(await asked(site, "check", typed, page=page))["diagnostics"] for page in (False, True)]
    assert "«\u00a0relance phrases\u00a0»" in said[0][0]["message"]
    assert "relance phrases" not in said[1][0]["message"]
    assert said[1][0]["message"].endswith(" Le bouton «\u00a0Phrases\u00a0» les montre.")


async def test_a_message_saved_meanwhile_is_proposed_at_the_next_key(site: Site) -> None:
    folder = site.runtime.settings.folder
    lay_out(folder, FILES)
    typed = SCRIPT.replace("(Bienvenue)", "(|)")
    labels = [one["label"] for one in (await asked(site, "complete", typed))["items"]]
    assert labels == ["Bienvenue"]
    lay_out(folder, {"courriels/b.md": MESSAGE.replace("Bienvenue", "À bientôt")})
    labels = [one["label"] for one in (await asked(site, "complete", typed))["items"]]
    assert labels == ["À bientôt", "Bienvenue"]


async def test_a_name_is_explained_found_and_changed_in_every_file(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    typed = SCRIPT.replace("(Bienvenue)", "(Bien|venue)")
    hover = (await asked(site, "hover", typed))["hover"]
    assert hover["title"] == "Courriel «\u00a0Bienvenue\u00a0»"
    assert (await asked(site, "name", typed))["name"] == "Bienvenue"
    change = await asked(site, "rename", typed, name="Premier bonjour")
    assert {one["file"] for one in change["edits"]} == {"a.relance", "courriels/a.md"}
    refused = await asked(site, "rename", typed, name="")
    assert "au moins une lettre" in refused["refusal"]


async def test_an_outline_and_the_canonical_writing_are_told(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    (campaign,) = (await asked(site, "symbols"))["symbols"]
    assert [one["name"] for one in campaign["within"]] == ["Accueil"]
    edits = (await asked(site, "format", SCRIPT.replace("  étape", "étape")))["edits"]
    # Indentation put back, and the no-break spaces of « », which nobody types.
    assert [one["line"] for one in edits] == [1, 4]
    words = (await site.client.get("/api/v1/language/words")).json()
    assert "quand" in words["words"]["leading"]
    assert any(one["label"] == "Envoyer courriel (courriel)" for one in words["phrases"])


async def test_what_cannot_be_asked_is_refused_with_a_reason(site: Site) -> None:
    for given, pointer in (
        (b"{", ""),
        (b"[]", ""),
        (b"[" * 60_000, ""),
        (b'{"file": "a.relance"}', "/text"),
        (b'{"file": "../a.txt", "text": ""}', "/file"),
        (b'{"file": "a.relance", "text": "\\ud800"}', "/text"),
        (b'{"file": "a.relance", "text": "", "offset": -1}', "/offset"),
        (b'{"file": "a.relance", "text": "", "offset": true}', "/offset"),
    ):
        refused = await site.client.post(
            "/api/v1/language/check", content=given, headers={"content-type": "application/json"}
        )
        assert refused.status_code == 422, given
        assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_draft_that_is_no_text_is_said_not_to_be(site: Site) -> None:
    (site.runtime.settings.folder / "b.relance").write_bytes(b"\xff\xfe")
    refused = await site.client.post(
        "/api/v1/language/check", json={"file": "a.relance", "text": SCRIPT}
    )
    assert refused.status_code == 409
    assert "UTF-8" in refused.text


async def test_text_typed_by_one_is_not_seen_by_another(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    await asked(site, "check", SCRIPT.replace("Accueil", "Ailleurs"))
    other = "campagne « Autre »\n  entrée\n    quand Formulaire (Contact) rempli\n  aller à l’étape « |\nfin\n"
    found = await asked(site, "complete", other, file="b.relance")
    assert "Ailleurs" not in [one["label"] for one in found["items"]]


async def test_a_block_is_arranged_by_edits_or_refused_by_what_it_would_break(site: Site) -> None:
    lay_out(site.runtime.settings.folder, FILES)
    typed = SCRIPT.replace("fin\n", "  # 😀\n  Étiqueter (Venu)\nfin\n")
    listed = await asked(site, "blocks", typed)
    assert [(one["line"], one["first"]) for one in listed["blocks"]] == [(4, 4), (5, 5), (7, 6)]
    assert [one["place"] for one in listed["places"]] == ["1:dans", "4", "5", "7"]
    found = await asked(site, "arrange", typed, order="deplacer", at="7", to="1:dans", page=True)
    units = typed.encode("utf-16-le")
    for one in reversed(found["edits"]):
        new = one["text"].encode("utf-16-le")
        units = units[: 2 * one["start"]] + new + units[2 * one["end"] :]
    lines = units.decode("utf-16-le").split("\n")
    assert lines[3:5] == ["  # 😀", "  Étiqueter (Venu)"]
    assert (found["line"], found["where"]) == (5, "au début de la campagne")
    refused = await asked(site, "arrange", typed, order="mener", at="7", to="4")
    assert "aucune attente" in refused["refusal"]
    for wrong in (
        {"order": "danser", "at": "7"},
        {"order": "monter"},
        {"order": "monter", "at": "x"},
    ):
        body = {"file": "a.relance", "text": typed, **wrong}
        answer = await site.client.post("/api/v1/language/arrange", json=body)
        assert answer.status_code == 422
