"""Settings (`relance_settings`): shown with where they come from, secrets never, changed in their file alone and as it was."""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.settings import SECRETS_FILE, load_settings
from server.settings_edit import UnwritableSetting, place_of, with_value
from server.store.instants import MINUTE
from tests.http.conftest import Site, all_plugins, running
from tests.web.test_interface import plain
from tests.whole import lay_out, saving

SECRET = "s3cret-que-nul-ne-lit"
FILE = f"""\
# Les réglages de la boutique.
fuseau = "Europe/Paris"   # pas Montréal

[email]
# notre serveur
serveur = "smtp.exemple.ca"
utilisateur = "nous"
mot_de_passe = "{SECRET}"

[crm]
jeton = "{SECRET}"
"""


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    lay_out(tmp_path, {"relance.toml": FILE})
    monkeypatch.setenv("RELANCE_SMS_JETON", SECRET)
    monkeypatch.setenv("RELANCE_DEVISE", "EUR")
    settings = replace(saving(tmp_path, {"RELANCE_PORT": "0"}), port=0)
    async with running(settings, all_plugins()) as opened:
        yield opened


def project(site: Site) -> Path:
    return site.runtime.settings.folder


async def put(site: Site, section: str, key: str, value: str, **more: str) -> tuple[int, str]:
    given = {"section": section, "cle": key, "valeur": value, **more}
    answer = await site.client.post("/reglages", data=given)
    return answer.status_code, plain(answer.text)


async def test_each_says_where_it_comes_from_and_no_secret_is_ever_shown(site: Site) -> None:
    page = (await site.client.get("/reglages")).text
    said = plain(page)
    assert "relance.toml, ligne 2" in said
    assert "relance.toml, ligne 6" in said
    assert "environnement, RELANCE_DEVISE" in said
    assert "La variable RELANCE_DEVISE le fixe" in said
    assert SECRET not in page
    assert 'placeholder="fixé' in page
    assert 'name="cle" value="devise"' not in page, "what the environment fixes is no field"
    assert 'name="cle" value="base"' not in page, "nobody moves the base from a page"
    assert "ses valeurs ne sont pas affichées" in said


async def test_one_is_changed_in_its_line_and_all_else_stays_as_it_was_written(
    site: Site,
) -> None:
    code, _ = await put(site, "", "fuseau", "America/Montreal")
    assert code == 303
    text = (project(site) / "relance.toml").read_text("utf-8")
    assert text == FILE.replace("Europe/Paris", "America/Montreal")
    assert (await put(site, "email", "suivi_ouvertures", "oui"))[0] == 303
    assert load_settings(project(site)).plugins["email"]["suivi_ouvertures"] is True
    page = plain((await site.client.get("/reglages")).text)
    assert "Des réglages ont changé depuis le démarrage" in page
    (row,) = await site.rows(
        "SELECT who, object, after FROM audit_log WHERE action = 'ordre.regler' ORDER BY number LIMIT 1"
    )
    assert (row.who, row.object) == ("Camille Morin <camille@exemple.ca>", "fuseau")
    assert "America/Montreal" in row.after


async def test_what_would_not_start_is_refused_beside_its_field_and_kept_as_typed(
    site: Site,
) -> None:
    before = (project(site) / "relance.toml").read_text("utf-8")
    for section, key, value, why in (
        ("", "fuseau", "Mars/Olympus", "Fuseau horaire inconnu"),
        ("email", "port", "<b>vingt", "Écrivez un nombre."),
        ("email", "port", "70000", "doit être un nombre entier de 1 à 65535"),
        ("sms", "pays", "UK", "écrivez"),
        ("", "base", "sqlite:///x.db", "se change dans relance.toml"),
        ("", "devise", "CAD", "La variable RELANCE_DEVISE le fixe"),
        ("email", "serveur", "a\tb\x00", "signe invisible"),
    ):
        code, page = await put(site, section, key, value)
        assert (code, why in page) == (422, True), (key, page[-3000:])
    assert (
        'value="&lt;b&gt;vingt"'
        in (
            await site.client.post(
                "/reglages", data={"section": "email", "cle": "port", "valeur": "<b>vingt"}
            )
        ).text
    )
    assert (project(site) / "relance.toml").read_text("utf-8") == before
    assert (await put(site, "rien", "x", "y"))[0] == 404
    # A script of a page changes one as the page does: by a session that said again whose it is.
    for since, status in ((0, 422), (61 * MINUTE, 403)):
        async with site.runtime.store.write() as conn:
            stale = "UPDATE sessions SET proved_at = proved_at - ?"
            await conn.exec_driver_sql(stale, (since,))
        refused = await site.client.post("/api/v1/settings/change", json={})
        assert refused.status_code == status, refused.text
    assert refused.json()["type"].endswith("/confirmer")
    async with site.runtime.store.write() as conn:
        await conn.exec_driver_sql("UPDATE sessions SET proved_at = seen_at")
    # A file that cannot be read any more is told to be so, by the page and to programs.
    (project(site) / "relance.toml").write_bytes("# à lire\n".encode("latin-1"))
    code, page = await put(site, "email", "port", "25")
    assert (code, "n’est pas un texte en UTF-8" in page) == (200, True)
    refused = await site.client.get("/api/v1/settings")
    assert (refused.status_code, "n’est pas un texte en UTF-8" in refused.text) == (409, True)


async def test_a_secret_goes_to_a_file_of_its_own_and_to_no_other_server_than_its_own(
    site: Site,
) -> None:
    assert (await put(site, "email", "mot_de_passe", "nouveau-secret"))[0] == 303
    kept = project(site) / SECRETS_FILE
    assert "nouveau-secret" in kept.read_text("utf-8")
    assert os.stat(kept).st_mode & 0o077 == 0
    assert SECRET not in (project(site) / "relance.toml").read_text("utf-8").split("[crm]")[0]
    assert load_settings(project(site)).plugins["email"]["mot_de_passe"] == "nouveau-secret"
    logged = await site.rows("SELECT before, after FROM audit_log")
    assert not re.search("nouveau-secret", str(logged))
    assert (await put(site, "email", "mot_de_passe", ""))[0] == 422, "nothing typed erases nothing"
    assert (await put(site, "email", "serveur", "smtp.ailleurs.example"))[0] == 303
    assert "mot_de_passe" not in load_settings(project(site)).plugins["email"]
    said = plain((await site.client.get("/reglages")).text)
    assert "était pour l’ancien serveur" in said
    code, why = await put(site, "sms", "adresse", "https://ailleurs.example")
    assert (code, "ôtez-la d’abord" in why) == (422, True)


async def test_a_channel_is_tried_as_a_message_would_leave_and_sends_nothing(site: Site) -> None:
    tried = await site.client.post("/reglages/essai", data={"canal": "sms"})
    assert "manque dans [sms]" in plain(tried.text)
    tried = await site.client.post("/reglages/essai", data={"canal": "email"})
    assert "smtp.exemple.ca, port 587" in plain(tried.text)
    assert (await site.client.post("/reglages/essai", data={"canal": "rien"})).status_code == 404


@pytest.mark.parametrize(
    ("before", "section", "key", "value", "after"),
    [
        ("", "", "port", 80, "port = 80\n"),
        ("[a]\nx = 1\n", "", "port", 80, "port = 80\n[a]\nx = 1\n"),
        ("[a]\nx = 1\n", "a", "y", "é\"", '[a]\ny = "é\\""\nx = 1\n'),
        ("[a]\nx = 1\n", "b", "y", ("u", "v"), '[a]\nx = 1\n\n[b]\ny = ["u", "v"]\n'),
        ("[a]\n'é' = '#' # dit\n", "a", "e", False, "[a]\n'é' = false # dit\n"),
        ("[a]\nx = 1\ny = 2", "a", "x", None, "[a]\ny = 2"),
    ],
)  # fmt: skip
def test_only_what_is_asked_changes_in_a_text(
    before: str, section: str, key: str, value: object, after: str
) -> None:
    assert with_value(before, section, key, value) == after  # type: ignore[arg-type]
    assert place_of("# un\n\n[a]\nx = 1\n", "a", "x") == 4


@pytest.mark.parametrize(
    ("text", "section", "key", "value"),
    [
        ("x = [\n  1,\n]\n", "", "x", 2),
        ("a = {x = 1}\n", "a", "x", 2),
        ("a.x = 1\n", "a", "x", 2),
        ('x = """\ny = 1\n"""\n', "", "y", 2),
        ("x = 1\n", "", "x", "\x7f"),
        ("x = \n", "", "y", 1),
    ],
)
def test_a_text_that_cannot_be_changed_so_is_left_as_it_is(
    text: str, section: str, key: str, value: object
) -> None:
    with pytest.raises(UnwritableSetting):
        with_value(text, section, key, value)  # type: ignore[arg-type]
