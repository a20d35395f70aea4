"""The plugin of the documentation is a real one: it loads, speaks and sends."""

import re
import sys
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from dsl.project import check
from dsl.text.lexer import lex
from relance.channel import Refused, Retry, Sent
from relance.testing import FakeHost, check_channel, check_plugin
from server.plugins import plugins_of

PAGE = Path(__file__).parents[2] / "docs" / "ecrire-une-extension.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SOURCES = [text for language, text in BLOCKS if language == "python"]


@pytest.fixture
def pager(monkeypatch):
    module = ModuleType("mon_module")
    monkeypatch.setitem(sys.modules, "mon_module", module)
    exec(compile(SOURCES[0], str(PAGE), "exec"), vars(module))
    return module


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
    exec(compile(SOURCES[1], str(PAGE), "exec"), namespace)
    namespace["test_the_plugin_keeps_the_contract"]()


def test_it_is_about_thirty_lines():
    lines = [line for line in SOURCES[0].splitlines() if line.strip()]
    assert len(lines) <= 45


def test_its_phrases_join_the_catalogue(pager):
    catalogue = plugins_of({"pager": pager}).catalogue
    text = "Biper (Bonjour)"
    found = catalogue.longest(text, lex(text, 0, len(text))[0], 0)
    assert found
    assert found.value.phrase.id == "pager.send"


@pytest.mark.parametrize(("status", "outcome"), [(200, Sent), (404, Refused), (503, Retry)])
async def test_its_channel_tells_what_the_service_answered(pager, status, outcome):
    service = Service(status)
    host = FakeHost(settings={"pager": {"url": "https://pager.exemple.ca"}}, network=service)
    (channel,) = plugins_of({"pager": pager}).channels(host).values()
    assert isinstance(await check_channel(channel), outcome)
    assert service.posted[0][0] == "https://pager.exemple.ca"
    assert service.posted[0][2] == {"Idempotency-Key": "1-1-1-1-1"}


def test_check_plugin_finds_nothing(pager):
    assert check_plugin(pager) == ()


def test_the_documented_script_passes_with_it(pager):
    (script,) = [text for language, text in BLOCKS if language == "relance"]
    plugins = plugins_of({"pager": pager, "web": import_module("plugins.web")})
    checked = check({"essai.relance": script}, plugins.catalogue, {})
    assert checked.diagnostics["essai.relance"] == ()
    assert checked.programs
