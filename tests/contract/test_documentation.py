"""The plugin of the documentation is a real one: it loads, speaks and sends."""

import re
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from dsl.project import check
from dsl.text.lexer import lex
from relance.channel import Message, Refused, Retry, Sent
from relance.project_files import ProjectFiles
from relance.testing import FakeHost, asked, check_channel, check_plugin
from server.plugins import plugins_of
from server.publication.in_place import in_place

PAGE = Path(__file__).parents[2] / "docs" / "ecrire-une-extension.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SOURCES = [text for language, text in BLOCKS if language == "python"]


(PAGER,) = [source for source in SOURCES if "class Pager" in source]
(TELEGRAM,) = [source for source in SOURCES if "class Telegraphe" in source]
(LINKS,) = [source for source in SOURCES if "relance.tracking" in source]
(TRIAL,) = [source for source in SOURCES if "import mon_module" in source]


def module_of(source, name):
    module = ModuleType(name)
    exec(compile(source, str(PAGE), "exec"), vars(module))
    return module


@pytest.fixture
def pager(monkeypatch):
    module = module_of(PAGER, "mon_module")
    monkeypatch.setitem(sys.modules, "mon_module", module)
    return module


@pytest.fixture
def telegram():
    return module_of(TELEGRAM, "telegram")


class Service:
    """The guarded network, with one HTTP service behind it that answers `status`."""

    def __init__(self, status):
        self.status, self.posted = status, []

    @asynccontextmanager
    async def http(self, *, timeout):  # noqa: ASYNC109
        async def post(url, data, headers):
            self.posted.append((url, data, headers))
            return SimpleNamespace(status_code=self.status)

        yield SimpleNamespace(post=post)


def test_the_documented_plugin_keeps_the_contract(pager):
    namespace = {}
    exec(compile(TRIAL, str(PAGE), "exec"), namespace)
    namespace["test_the_plugin_keeps_the_contract"]()


@pytest.mark.parametrize("source", [PAGER, TELEGRAM], ids=["pager", "telegram"])
def test_the_documented_plugin_is_about_thirty_lines(source):
    lines = [line for line in source.splitlines() if line.strip()]
    assert len(lines) <= 45


def test_the_phrases_of_the_documented_plugin_join_the_catalogue(pager):
    catalogue = plugins_of({"pager": pager}).catalogue
    text = "Biper (Bonjour)"
    found = catalogue.longest(text, lex(text, 0, len(text))[0], 0)
    assert found
    assert found.value.phrase.id == "pager.send"


@pytest.mark.parametrize(("status", "outcome"), [(200, Sent), (404, Refused), (503, Retry)])
async def test_the_documented_channel_says_what_the_service_answered(pager, status, outcome):
    service = Service(status)
    host = FakeHost(settings={"pager": {"url": "https://pager.exemple.ca"}}, network=service)
    (channel,) = plugins_of({"pager": pager}).channels(host).values()
    assert isinstance(await check_channel(channel), outcome)
    assert service.posted[0][0] == "https://pager.exemple.ca"
    assert service.posted[0][2] == {"Idempotency-Key": "1-1-1-1-1"}


def test_check_plugin_finds_nothing(pager):
    assert check_plugin(pager) == ()


def test_the_documented_script_passes_with_the_plugin(pager):
    (script,) = [text for language, text in BLOCKS if language == "relance"]
    plugins = plugins_of({"pager": pager, "web": import_module("plugins.web")})
    checked = check({"essai.relance": script}, plugins.catalogue, {})
    assert checked.diagnostics["essai.relance"] == ()
    assert checked.programs


# --- The channel that writes from files ---------------------------------------------------

FILES = ProjectFiles.of({"telegrammes/Tarifs.txt": "Bonjour {{ prénom | upcase }}."})
SCRIPT = """\
campagne « Essai »
  entrée
    quand Formulaire (Essai) rempli
  Envoyer télégramme (Tarifs)
fin
"""


def checked(telegram, script, files):
    plugins = plugins_of({"telegram": telegram, "web": import_module("plugins.web")})
    files = files.keeping(in_place({"essai.relance": script}, plugins.catalogue).files)
    return check(
        {"essai.relance": script}, plugins.catalogue, plugins.references(files, FakeHost())
    )


def test_the_channel_of_files_keeps_the_contract(telegram):
    assert check_plugin(telegram, FakeHost(files=FILES)) == ()


def test_the_documented_messages_are_known_to_scripts_by_name_or_written_in_place(telegram):
    assert checked(telegram, SCRIPT, FILES).ok
    wrong = checked(telegram, SCRIPT.replace("Tarifs", "Tarif"), FILES)
    (diagnostic,) = wrong.diagnostics["essai.relance"]
    assert diagnostic.code == "R301"
    assert "Tarifs" in diagnostic.message
    written = SCRIPT.replace("(Tarifs)", "«\u00a0Sur place\u00a0»\n    Bonjour.\n  fin")
    assert checked(telegram, written, ProjectFiles()).ok


def test_what_is_wrong_in_its_files_is_told_at_its_line(telegram):
    plugins = plugins_of({"telegram": telegram})
    files = ProjectFiles.of({"telegrammes/a.txt": "Bonjour\n{% if ville %}{{ prénom }}"})
    (fault,) = plugins.faults(files)
    assert (fault.file, fault.line) == ("telegrammes/a.txt", 2)
    files = ProjectFiles.of({"telegrammes/a.txt": "Bonjour\n{{ prenmo }}"})
    (doubt,) = plugins.review(files, ("prénom",))
    assert (doubt.file, doubt.line) == ("telegrammes/a.txt", 2)
    assert "Vouliez-vous dire" in doubt.message


async def test_the_documented_channel_sends_the_words_of_the_file_for_the_lead(telegram):
    service = Service(200)
    url = {"telegram": {"url": "https://telegramme.exemple.ca"}}
    host = FakeHost(settings=url, network=service, files=FILES)
    (channel,) = plugins_of({"telegram": telegram}).channels(host).values()
    assert isinstance(await check_channel(channel, template="tarifs"), Sent)
    ((_, form, _),) = service.posted
    assert form["texte"] == "Bonjour ALINE."
    assert await check_channel(channel, template="Rien") == Retry(
        "le télégramme «\u00a0Rien\u00a0» n’est pas dans le projet : remettez-le", ours=True
    )
    host.files = ProjectFiles.of({"telegrammes/Rien.txt": "{{ 1 | divided_by: 0 }}{{ prénom }}"})
    assert isinstance(await check_channel(channel, template="Rien"), Retry), "told by « check »"


async def test_what_lasts_is_refused_for_that_lead_alone(telegram):
    loop = (
        "{% if prénom %}" + "{% for i in (1..4000) %}{{ prénom }}{% endfor %}" * 60 + "{% endif %}"
    )
    host = FakeHost(network=Service(200), files=ProjectFiles.of({"telegrammes/a.txt": loop}))
    (channel,) = plugins_of({"telegram": telegram}).channels(host).values()
    assert isinstance(await check_channel(channel, template="a"), Refused)


# --- The links it tracks ------------------------------------------------------------------

READER = {"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0", "accept-language": "fr"}
MESSAGE = Message("1", "Tarifs", 7, "+1", {}, "Essai", 1, datetime(2026, 1, 1, tzinfo=UTC))
PAGE_OF_SHOP = "https://boutique.exemple.ca/essai?a=1"


@pytest.mark.parametrize(
    ("headers", "event_type"),
    [(READER, "link_clicked"), ({"user-agent": "curl/8"}, "link_prefetched")],
    ids=["person", "machine"],
)
async def test_the_documented_links_lead_where_they_did_and_say_who_follows(headers, event_type):
    links = module_of(LINKS, "liens")
    host = FakeHost()
    assert check_plugin(links, host) == ()
    sent = replace(MESSAGE, at=host.clock.now())
    text = await links.suivi(host, sent, f"Voyez {PAGE_OF_SHOP}. Ou {host.public_url}/d/x")
    words = re.fullmatch(rf"Voyez {host.public_url}/t/(\S+)\. Ou {host.public_url}/d/x", text)
    host.clock.advance(timedelta(minutes=5))
    (route,) = links.relance_routes(host)
    parts = dict(enumerate(host.unsign(route.purpose, words[1])))
    parameters = {str(at): part for at, part in parts.items()}
    request = asked("GET", route.path, parameters=parameters, headers=headers, client="203.0.113.9")
    answer = await route.handler(request)
    assert (answer.status_code, answer.headers["location"]) == (302, PAGE_OF_SHOP)
    ((event,),) = [one.events for one in host.recorded]
    assert (event.type, event.address, event.context) == (event_type, PAGE_OF_SHOP, None)
    assert (event.properties["canal"], event.properties["modele"]) == ("telegram", "Tarifs")


def test_the_documented_settings_are_drawn_as_a_form():
    """`relance_settings`: its secret is one, and belongs to the address it was given for."""
    (source,) = [source for source in SOURCES if "def relance_settings" in source]
    module = module_of(f"{source}\nrelance_contract = 1\n", "pigeon")
    (schema,) = plugins_of({"pigeon": module}).schemas()
    assert [one.key for one in schema.settings] == ["voliere", "altitude", "mot_de_passe"]
    assert schema.settings[0].clears == ("mot_de_passe",)
