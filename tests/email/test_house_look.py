"""The house in one place: its logo, its colour and its images, in mails and on public pages."""

import re
from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugins.house import read_settings
from plugins.house.colour import BLACK, WHITE, Colour
from relance.errors import ConfigurationError
from relance.project_files import ProjectFiles
from server.runtime import Runtime
from tests.email.sink import Sink
from tests.whole import eventually, running, saving

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
SCRIPT = """\
campagne « Accueil »
  entrée
    quand Formulaire (Essai) rempli

  Envoyer courriel (Bienvenue)
fin
"""
MAIL = """\
---
nom: Bienvenue
objet: Bonjour
expéditeur: La Roue <a@exemple.ca>
---
![Un vélo](images/velo.png)

[Voir](https://www.exemple.ca)
"""
HOUSE = '[maison]\nnom = "La Roue"\nlogo = "logo.png"\ncouleur = "#ffd400"\n'


@pytest.fixture
def project(tmp_path: Path, sink: Sink) -> Path:
    for folder in ("courriels", "images"):
        (tmp_path / folder).mkdir()
    (tmp_path / "relance.toml").write_text(HOUSE)
    (tmp_path / "accueil.relance").write_text(SCRIPT)
    (tmp_path / "courriels" / "bienvenue.md").write_text(MAIL)
    (tmp_path / "images" / "velo.png").write_bytes(PNG + b"un velo")
    (tmp_path / "images" / "logo.png").write_bytes(PNG + b"un logo")
    return tmp_path


async def test_a_mail_shows_the_images_of_the_project_for_good(project: Path, sink: Sink) -> None:
    async with running(Runtime(saving(project, sink.environment))) as server:
        html = await _received(server, sink)
        logo, bicycle = re.findall(r'<img src="https?://[^"/]+(/images/[0-9a-f]{64})"', html)
        assert 'bgcolor="#ffd400"' in html
        assert "color:#000000" in html  # white would not be read on yellow
        async with httpx.AsyncClient(base_url=server.url) as reader:
            shown = await reader.get(bicycle)
            assert shown.content == PNG + b"un velo"
            assert shown.headers["content-type"] == "image/png"
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert (await reader.get(logo)).content == PNG + b"un logo"
            style = (await reader.get("/maison.css")).text
            assert "/images/" in style
            for secret in ("accueil.relance", "courriels/bienvenue.md"):
                mark = ProjectFiles({secret: (project / secret).read_bytes()}).mark(secret)
                assert (await reader.get(f"/images/{mark}")).status_code == 404
            (project / "images" / "velo.png").write_bytes(PNG + b"un autre")
            await eventually(server, "SELECT max(number) FROM publications", [(2,)])
            assert (await reader.get(bicycle)).content == PNG + b"un velo"


async def _received(server: Runtime, sink: Sink) -> str:
    async with httpx.AsyncClient(base_url=server.url) as visitor:
        form = {"courriel": "aline@exemple.ca"}
        assert (await visitor.post("/webhooks/forms/Essai", data=form)).status_code < 300
    await eventually(server, "SELECT state FROM outbox", [("sent",)])
    (mail,) = sink.messages
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/html"]
    return str(part.get_payload(decode=True), "utf-8")


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"couleur": "bleu"}, "«\u00a0#0b5cad\u00a0»"),
        ({"couleur": "#12345"}, "n’en est pas une"),
        ({"couleur": "#0b5cad;}*{display:none"}, "n’en est pas une"),
        ({"logo": "logo.svg"}, "«\u00a0logo.png\u00a0»"),
        ({"logo": "javascript:alert(1)"}, "«\u00a0https://\u00a0»"),
    ],
)
def test_a_colour_or_a_logo_that_is_none_is_refused(section: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        read_settings(section)


_channel = st.integers(0, 255)


@given(_channel, _channel, _channel)
@example(255, 212, 0)
@example(118, 118, 118)
def test_what_is_written_in_any_colour_can_be_read(red: int, green: int, blue: int) -> None:
    colour, night = Colour(red, green, blue), Colour(0x1B, 0x20, 0x2B)
    assert colour.contrast(colour.text()) >= 4.5
    for ground in (WHITE, BLACK, night):
        assert colour.legible_on(ground).contrast(ground) >= 4.5
