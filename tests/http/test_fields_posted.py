"""What a form says, however its page is written: names, charsets, and names that come twice."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from server.web.overview import leftovers_table
from tests.http.conftest import Site, Start

FIELDS = """
champs
  consentement: oui/non
  enfants: nombre
  rendez-vous: date
  intérêt: choix (Vélo, Ski)
  goûts: choix multiple (Vélo, Ski, Ski de fond)
fin
"""
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


async def _lead(site: Site, columns: str) -> tuple[Any, ...]:
    found = await site.rows(f"SELECT {columns} FROM leads WHERE merged_into IS NULL")
    assert len(found) == 1
    return tuple(found[0])


async def _event(site: Site) -> dict[str, Any]:
    query = "SELECT properties FROM events WHERE type = 'form_submitted'"
    return json.loads((await site.rows(query))[0][0])


async def _shown(site: Site) -> str:
    """What the status page tells of what found no place."""
    async with site.runtime.store.read() as conn:
        table = await leftovers_table(conn, site.runtime.plugins.glossary)
    return " ".join(str(cell) for row in table.rows for cell in row)


@pytest.fixture
async def shop(start: Start, settings: Any) -> Any:
    (settings.folder / "champs.relance").write_text(FIELDS, encoding="utf-8")
    async with start() as site:
        yield site


@pytest.mark.parametrize(
    ("body", "column", "value", "kept"),
    [
        ("consentement=0&consentement=1", "f_consentement", 1, "1"),
        ("consentement=on&consentement=0", "f_consentement", 1, "on"),
        ("consentement=&consentement=non", "f_consentement", 0, "non"),
        ("enfants=42&enfants=42", "f_enfants", 42, "42"),
        ("enfants=1&enfants=2&enfants=", "f_enfants", 2, "2"),
        ("enfants=3&enfants=beaucoup", "f_enfants", 3, "3"),
        ("rendez-vous=2026-12-24&rendez-vous=25/12/2026", "f_rendez_vous", "2026-12-25", None),
        ("intérêt=Ski&intérêt=velo", "f_interet", "Vélo", "velo"),
        ("goûts=ski&goûts=velo&goûts=ski", "f_gouts", "Vélo, Ski", None),
        ("goûts[]=Ski de fond&goûts[]=&goûts[]=Vélo", "f_gouts", "Vélo, Ski de fond", None),
        ("goûts=Ski de fond", "f_gouts", "Ski de fond", "Ski de fond"),
        ("goûts=Ski%0D%0AVélo", "f_gouts", "Vélo, Ski", None),
        ("goûts=vélo; ski de fond", "f_gouts", "Vélo, Ski de fond", None),
        ("goûts=Golf&goûts=Ski", "f_gouts", "Ski", None),
        ("goûts=Golf, Ski", "f_gouts", "Ski", "Golf, Ski"),
        ("ville=Lévis&ville=&ville=Québec", "f_ville", "Lévis, Québec", "Lévis, Québec"),
        ("ville=Lévis&ville=Lévis", "f_ville", "Lévis", "Lévis"),
        ("ville[]=Lévis&ville[]=Laval", "f_ville", "Lévis, Laval", "Lévis, Laval"),
        ("ville=&city=Lévis", "f_ville", "Lévis", None),
        ("city=Lévis&ville=", "f_ville", "Lévis", None),
        ("téléphone=514 555-0123&téléphone=", "f_telephone", "+15145550123", None),
    ],
)
async def test_a_field_sent_twice_is_read_by_its_type(
    shop: Site, body: str, column: str, value: object, kept: str | None
) -> None:
    answer = await shop.post(content=f"courriel=a@b.ca&{body}".encode(), headers=URLENCODED)
    assert answer.status_code == 201, answer.text
    assert await _lead(shop, column) == (value,)
    if kept is not None:
        name = (
            body.partition("=")[0]
            .removesuffix("[]")
            .replace("é", "e")
            .replace("ê", "e")
            .replace("û", "u")
        )
        assert (await _event(shop))[name] == kept


async def test_lists_of_json_and_parts_of_multipart_are_read_alike(shop: Site) -> None:
    body = {"courriel": "a@b.ca", "consentement": [False, True], "enfants": [1, None, 2.5]}
    body["goûts"] = ["Ski", None, "vélo"]
    assert (await shop.post(json=body)).status_code == 201
    assert await _lead(shop, "f_consentement, f_enfants, f_gouts") == (1, 2.5, "Vélo, Ski")
    parts = [("courriel", (None, "a@b.ca")), ("ville", (None, "Lévis")), ("ville", (None, ""))]
    assert (await shop.post(files=parts)).status_code == 201
    assert await _lead(shop, "f_ville, f_enfants") == ("Lévis", 2.5)


@pytest.mark.parametrize(
    "body",
    [
        "courriel=a@b.ca&courriel=a@b.ca",
        "courriel=a@b.ca&courriel=",
        "courriel=&email=a@b.ca",
        "email=a@b.ca&courriel=",
        "courriel=pas+une+adresse&courriel=a@b.ca&courriel=rien",
        "courriel=z@z.ca&courriel=A@B.ca",
    ],
)
async def test_an_address_sent_twice_is_the_last_sound_one(site: Site, body: str) -> None:
    assert (await site.post(content=body, headers=URLENCODED)).status_code == 201
    assert (await site.rows("SELECT value FROM identities WHERE kind = 'email'")) == [("a@b.ca",)]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Adresse e-mail", "f_courriel"),
        ("Email address", "f_courriel"),
        ("your-email", "f_courriel"),
        ("form_fields[email]", "f_courriel"),
        ("EMAIL", "f_courriel"),
        ("Votre adresse courriel *", "f_courriel"),
        ("Votre courriel (obligatoire)", "f_courriel"),
        ("billing_email", "f_courriel"),
        ("et_pb_contact_email_0", "f_courriel"),
        ("contact[email]", "f_courriel"),
        ("Nom de famille", "f_nom"),
        ("LNAME", "f_nom"),
        ("your-name", "f_nom"),
        ("form_fields[last_name]", "f_nom"),
        ("FNAME", "f_prenom"),
        ("given-name", "f_prenom"),
        ("Votre prénom", "f_prenom"),
        ("Portable", "f_cellulaire"),
        ("Mobile", "f_cellulaire"),
        ("Cell.", "f_cellulaire"),
        ("mobilephone", "f_cellulaire"),
        ("N° de téléphone", "f_telephone"),
        ("Phone number", "f_telephone"),
        ("Municipalité", "f_ville"),
    ],
)
async def test_the_names_of_peoples_tools_are_understood(
    site: Site, name: str, column: str
) -> None:
    value = {"f_courriel": "a@b.ca", "f_telephone": "514 555-0199"}.get(column, "514 555-0142")
    who = {} if column == "f_courriel" else {"courriel": "a@b.ca"}
    assert (await site.post(data={**who, name: value})).status_code == 201
    assert "@" in (await _lead(site, column))[0] or "555" in (await _lead(site, column))[0]


@pytest.mark.parametrize(
    "name", ["courriel_ami", "product[name]", "username", "company_name", "Nom de l’entreprise"]
)
async def test_a_name_that_only_looks_like_one_teaches_nothing(site: Site, name: str) -> None:
    assert (await site.post(data={"courriel": "a@b.ca", name: "c@d.ca"})).status_code == 201
    assert await _lead(site, "f_courriel, f_prenom, f_nom") == ("a@b.ca", None, None)


async def test_a_project_s_own_field_keeps_its_name(start: Start, settings: Any) -> None:
    (settings.folder / "champs.relance").write_text("champs\n  portable: oui/non\nfin\n")
    async with start() as site:
        await site.post(data={"courriel": "a@b.ca", "Portable": "oui"})
        assert await _lead(site, "f_portable, f_cellulaire") == (1, None)


async def test_no_name_of_its_owner_is_taken_from_a_form(site: Site) -> None:
    await site.post(data={"courriel": "a@b.ca", "owner": "Luc", "Responsable": "Luc"})
    assert await _lead(site, "f_vendeur") == (None,)


def _part(name: bytes, value: bytes, kind: bytes = b"") -> bytes:
    return (
        (b'--b\r\ncontent-disposition: form-data; name="' + name + b'"\r\n' + kind)
        + b"\r\n"
        + value
        + b"\r\n"
    )


WORDS = "Léa Noël"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"prenom=L%E9a+No%EBl"),
        ("application/x-www-form-urlencoded; charset=ISO-8859-1", b"prenom=L%E9a+No%EBl"),
        (
            "application/x-www-form-urlencoded; charset=windows-1252",
            "pr\u00e9nom=Léa Noël".encode("cp1252"),
        ),
        (
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            f"prenom={quote(WORDS)}".encode(),
        ),
        ("application/x-www-form-urlencoded; charset=utf-16", f"prenom={quote(WORDS)}".encode()),
        ("application/x-www-form-urlencoded; charset=martien", b"prenom=L%E9a+No%EBl"),
        ("application/x-www-form-urlencoded", b"_charset_=macintosh&prenom=L%8Ea+No%91l"),
        ("application/json", b"\xef\xbb\xbf" + f'{{"prenom": "{WORDS}"}}'.encode()),
        ("application/json", f'{{"prenom": "{WORDS}"}}'.encode("utf-16")),
        ("application/json; charset=iso-8859-1", f'{{"prenom": "{WORDS}"}}'.encode("latin-1")),
        ("application/json", f'{{"prenom": "{WORDS}"}}'.encode("cp1252")),
        ("multipart/form-data; boundary=b", _part(b"prenom", WORDS.encode("cp1252")) + b"--b--"),
        (
            "multipart/form-data; boundary=b",
            _part(b"prenom", WORDS.encode("cp850"), b"content-type: text/plain; charset=cp850\r\n")
            + b"--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            _part(b"_charset_", b"macintosh")
            + _part(b"prenom", WORDS.encode("mac_roman"))
            + b"--b--",
        ),
    ],
)
async def test_a_form_in_any_charset_of_the_web_is_read(site: Site, kind: str, body: bytes) -> None:
    answer = await site.post(content=body, headers={"content-type": kind})
    assert answer.status_code == 201, answer.text
    assert await _lead(site, "f_prenom") == (WORDS,)


async def test_numbers_of_json_are_kept_and_null_is_not_there(shop: Site) -> None:
    body = {"courriel": "a@b.ca", "enfants": 2.5, "ville": None, "prénom": None, "code": 75001}
    assert (await shop.post(json=body)).status_code == 201
    assert await _lead(shop, "f_enfants, f_ville") == (2.5, None)
    assert (await _event(shop))["enfants"] == 2.5


async def test_a_post_that_holds_an_address_and_identifies_nobody_is_kept_and_shown(
    site: Site,
) -> None:
    answer = await site.post("Concours", data={"input_3": "aline@exemple.ca", "input_4": "Aline"})
    assert answer.status_code == 201
    assert (await _event(site))["input-3"] == "aline@exemple.ca"
    shown = await _shown(site)
    assert "aline@exemple.ca" in shown
    assert 'name="courriel"' in shown
    assert "aucune règle n’entend ce formulaire" in shown


async def test_a_choice_that_does_not_exist_is_answered_kept_and_shown(shop: Site) -> None:
    await shop.post(data={"courriel": "a@b.ca", "intérêt": "Golf"})
    assert await _lead(shop, "f_interet") == (None,)
    assert "pas un des choix du champ" in await _shown(shop)


async def test_an_element_that_is_no_choice_is_shown_and_the_others_written(shop: Site) -> None:
    body = "courriel=a@b.ca&goûts=Ski&goûts=Golf".encode()
    assert (await shop.post(content=body, headers=URLENCODED)).status_code == 201
    assert await _lead(shop, "f_gouts") == ("Ski",)
    assert "Golf" in await _shown(shop)
