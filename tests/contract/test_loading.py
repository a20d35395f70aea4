"""A plugin comes in through its entry point, or is refused by name."""

import sys
from types import SimpleNamespace

import pytest
from starlette.responses import Response

from dsl.phrases.catalogue import PluginPhrases
from dsl.text.lexer import lex
from relance.channel import Channel
from relance.errors import (
    BadPhrase,
    ConfigurationError,
    ContractError,
    PhraseCollision,
    WrongContract,
)
from relance.hookspecs import hookimpl
from relance.project_files import ProjectFiles
from relance.route import Guard, Route
from relance.slot import SlotType
from relance.testing import FakeChannel, FakeHost
from server.plugins import BUILT_IN, load_plugins, plugins_of
from tests.contract.vendor import GOOD, install


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of installed packages, forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("vendor_")]:
        del sys.modules[name]


def test_an_installed_plugin_is_loaded_after_the_built_in_ones(site):
    install(site, "avis", GOOD)
    plugins = load_plugins()
    assert plugins.names == (*(name.split(".")[1] for name in BUILT_IN), "avis")
    assert plugins.catalogue.plugin_of(plugins.catalogue.phrases["reviews.left"]) == "avis"


def test_only_the_enabled_plugins_are_loaded_and_the_others_lend_their_phrases(site):
    install(site, "avis", GOOD)
    plugins = load_plugins(enabled=["web", "leads"])
    assert set(plugins.names) == {"web", "leads"}
    assert "avis" in plugins.disabled
    assert "reviews.left" not in plugins.catalogue.phrases
    text = "Avis (cinq étoiles) laissé"
    found = plugins.catalogue.longest_disabled(text, lex(text, 0, len(text))[0], 0)
    assert found
    assert found.value.plugin == "avis"


def test_a_disabled_plugin_is_left_out(site):
    install(site, "avis", GOOD)
    assert "avis" not in load_plugins(disabled=["avis"]).names


def test_a_broken_plugin_that_is_disabled_harms_nobody(site):
    install(site, "avis", "raise RuntimeError('cassé')")
    assert "avis" in load_plugins(disabled=["avis"]).disabled


def test_a_name_no_plugin_has_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="« smss »"):
        load_plugins(enabled=["smss"])


PHRASE = "Avis {stars:texte} laissé"
REFUSED = {
    "no contract": (GOOD.replace("relance_contract = 1", ""), WrongContract, "relance_contract"),
    "another contract": (GOOD.replace("contract = 1", "contract = 2"), WrongContract, "contrat 2"),
    "no help": (GOOD.replace('"Le lead a laissé cet avis."', '""'), BadPhrase, "aide"),
    "no example": (GOOD.replace('"Avis (cinq étoiles) laissé"', '" "'), BadPhrase, "exemple"),
    "example of something else": (
        GOOD.replace("Avis (cinq étoiles) laissé", "Avis (cinq étoiles) reçu"),
        BadPhrase,
        "ne se relit pas",
    ),
    "example of another phrase": (
        GOOD.replace("Avis (cinq étoiles) laissé", "Formulaire rempli"),
        BadPhrase,
        "ne se relit pas",
    ),
    "collision": (
        GOOD.replace(PHRASE, "Formulaire {stars:texte} rempli").replace(
            "Avis (cinq étoiles) laissé", "Formulaire (A) rempli"
        ),
        PhraseCollision,
        "« web »",
    ),
    "same id": (GOOD.replace("reviews.left", "web.form"), ContractError, "web.form"),
    "unknown slot type": (GOOD.replace("stars:texte", "stars:étoiles"), BadPhrase, "étoiles"),
    "meaning of another kind": (GOOD.replace("Kind.EVENT", "Kind.STATE"), BadPhrase, "état"),
    "meaning without its slot": (
        GOOD.replace("def left(stars)", "def left(s)"),
        BadPhrase,
        "stars",
    ),
    "meaning that fails": (
        GOOD.replace("return EventPattern", "1 / 0; return EventPattern"),
        BadPhrase,
        "ZeroDivisionError",
    ),
    "does not import": ("import nowhere_at_all", ContractError, "nowhere_at_all"),
    "unknown hook": (
        GOOD + "\n@hookimpl\ndef relance_phrase():\n    return []\n",
        ContractError,
        "relance_phrase",
    ),
    "no hook": ("relance_contract = 1", ContractError, "hookimpl"),
    "hook that fails": (
        GOOD.replace("return [Phrase(", "1 / 0\n    return [Phrase("),
        ContractError,
        "ZeroDivisionError",
    ),
    "not a phrase": (
        GOOD.replace("return [Phrase(", 'return ["Avis laissé"]\n    return [Phrase('),
        BadPhrase,
        "n’est pas une phrase",
    ),
}


@pytest.mark.parametrize(("source", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_a_plugin_that_breaks_the_contract_is_refused_by_name(site, source, error, said):
    install(site, "avis", source)
    with pytest.raises(error) as refusal:
        load_plugins()
    message = str(refusal.value).replace("\u00a0", " ")
    assert "« avis »" in message
    assert said in message


def test_a_plugin_may_not_take_the_name_of_a_built_in_one(site):
    install(site, "web", GOOD)
    with pytest.raises(ContractError, match="« web »"):
        load_plugins()


def test_two_installed_plugins_may_not_have_the_same_name(site):
    install(site, "avis", GOOD)
    install(site, "avis", GOOD, module="vendor_other")
    with pytest.raises(ContractError, match="vendor_avis et vendor_other"):
        load_plugins()


class Bare:
    """A plugin made of what a test hands it."""

    relance_contract = 1

    def __init__(self, types=(), channels=(), routes=(), references=None):
        self._types, self._channels, self._routes = types, channels, routes
        self._references = references or {}

    @hookimpl
    def relance_slot_types(self):
        return self._types

    @hookimpl
    def relance_references(self, files):
        return self._references

    @hookimpl
    def relance_channels(self, host):
        return self._channels

    @hookimpl
    def relance_routes(self, host):
        return self._routes


class Messages:
    """A kind of messages of a vendor's that finds nothing, but where one of its methods is replaced."""

    slot_type = None

    def __init__(self, **replaced):
        self.__dict__ |= replaced

    def references(self, files):
        return {}

    def faults(self, files):
        return ()

    def review(self, files, fields, variables):
        return ()

    def hooks(self):
        return SimpleNamespace(relance_contract=1, relance_messages=hookimpl(lambda: [self]))


def failing(*given):
    raise ValueError("cassé")


@pytest.mark.parametrize("wrong", [failing, lambda *given: 12], ids=["raises", "no sequence"])
@pytest.mark.parametrize("what", ["references", "faults", "review"])
def test_a_kind_of_messages_that_fails_is_told_with_its_plugin(what, wrong):
    plugins = plugins_of({"avis": Messages(**{what: wrong}).hooks()})
    beside = {"references": [FakeHost()], "faults": [], "review": [("courriel",)]}
    given = [ProjectFiles({}), *beside[what]]
    with pytest.raises(ContractError, match=r"avis.*(ValueError|TypeError)"):
        getattr(plugins, what)(*given)


def test_a_kind_of_messages_that_cannot_say_its_type_is_refused_with_its_plugin():
    class Unsure(Messages):
        slot_type = property(failing)

    with pytest.raises(ContractError, match=r"avis.*ValueError"):
        plugins_of({"avis": Unsure().hooks()})


def test_two_plugins_may_not_describe_a_slot_type_differently():
    one = Bare(types=[SlotType("produit", "Un produit.")])
    other = Bare(types=[SlotType("produit", "Autre chose.")])
    assert plugins_of({"a": one, "b": Bare(types=[SlotType("produit", "Un produit.")])})
    with pytest.raises(ContractError, match=r"« b ».*« produit ».*« a »"):
        plugins_of({"a": one, "b": other})


def test_two_plugins_may_not_bring_the_same_channel():
    channels: list[Channel] = [FakeChannel("push")]
    plugins = plugins_of({"a": Bare(channels=channels), "b": Bare(channels=channels)})
    with pytest.raises(ContractError, match=r"« b ».*« push ».*« a »"):
        plugins.channels(FakeHost())


async def answer(request):
    return Response()


def test_two_plugins_may_not_answer_the_same_path():
    route = Route("/avis", ("GET",), Guard.PUBLIC, answer)
    plugins = plugins_of({"a": Bare(routes=[route]), "b": Bare(routes=[route])})
    with pytest.raises(ContractError, match=r"« b ».*« GET /avis ».*« a »"):
        plugins.routes(FakeHost())


def test_references_of_all_plugins_are_put_together():
    one = Bare(references={"produit": ["Vélo", "Casque"]})
    two = Bare(references={"produit": ["Casque", "Gants"], "lien": ["Essai"]})
    references = plugins_of({"a": one, "b": two}).references(ProjectFiles(), FakeHost())
    assert references == {"produit": ("Vélo", "Casque", "Gants"), "lien": ("Essai",)}


def test_the_phrases_of_each_plugin_can_be_listed():
    plugins = load_plugins()
    assert all(isinstance(part, PluginPhrases) for part in plugins.phrases)
    assert {part.plugin for part in plugins.phrases} == set(plugins.names)
