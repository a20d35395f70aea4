"""The suite that vendors run says what is wrong, and nothing when nothing is."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from starlette.responses import Response

from relance.channel import Doubt, Limits, Refused, Sent
from relance.hookspecs import hookimpl
from relance.phrase import Kind, Phrase
from relance.route import Guard, Route
from relance.slot import SlotType
from relance.testing import FakeChannel, check_channel, check_plugin
from server.plugins import BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_plugin_keeps_the_contract(name):
    assert check_plugin(import_module(name)) == ()


def plugin(**hooks):
    """A plugin that answers each named hook with the given value."""

    def answering(value, argument):
        if argument == "host":
            return hookimpl(lambda host: value)
        if argument == "files":
            return hookimpl(lambda files: value)
        if argument == "review":
            return hookimpl(lambda files, fields, variables: value)
        return hookimpl(lambda: value)

    arguments = {"relance_channels": "host", "relance_routes": "host", "relance_concerns": "host"}
    arguments |= {"relance_variables": "host"}
    arguments |= {
        "relance_references": "files",
        "relance_check": "files",
        "relance_review": "review",
    }
    made = {name: answering(value, arguments.get(name)) for name, value in hooks.items()}
    return SimpleNamespace(relance_contract=1, __name__="essai", **made)


def phrase(**changes):
    parts = {
        "id": "essai.faire",
        "kind": Kind.ACTIVITY,
        "pattern": "Faire {thing:texte}",
        "means": lambda thing: (),
        "help": "Le fait.",
        "example": "Faire (cela)",
    }
    return Phrase(**{**parts, **changes})


async def answer(request):
    return Response()


BAD = {
    "no help": (plugin(relance_phrases=[phrase(help="")]), "help"),
    "id without plugin": (plugin(relance_phrases=[phrase(id="faire")]), "extension.nom"),
    "same id twice": (plugin(relance_phrases=[phrase(), phrase()]), "deux phrases"),
    "not a phrase": (plugin(relance_phrases=["Faire"]), "Phrase"),
    "means without slot": (plugin(relance_phrases=[phrase(means=lambda: ())]), "means"),
    "alias without slot": (plugin(relance_phrases=[phrase(aliases=("Faire",))]), "trous"),
    "slot that raises": (
        plugin(relance_slot_types=[SlotType("n", "Un nombre.", read=int)]),
        "Unreadable",
    ),
    "channel without policy": (plugin(relance_channels=[SimpleNamespace(name="a")]), "doubt"),
    "channel that blocks": (
        plugin(
            relance_channels=[
                SimpleNamespace(
                    name="a",
                    address_field="b",
                    limits=Limits(),
                    doubt=Doubt.HOLD,
                    send=print,
                    lookup=print,
                    close=print,
                )
            ]
        ),
        "async def send",
    ),
    "relative path": (
        plugin(relance_routes=[Route("avis", ("GET",), Guard.PUBLIC, answer)]),
        "« / »",
    ),
    "token without purpose": (
        plugin(relance_routes=[Route("/a/{token}", ("GET",), Guard.TOKEN, answer)]),
        "purpose",
    ),
    "token not in the path": (
        plugin(relance_routes=[Route("/a", ("GET",), Guard.TOKEN, answer, purpose="a")]),
        "{token}",
    ),
    "names that are one text": (plugin(relance_references={"produit": "Vélo"}), "suite"),
    "faults that are texts": (plugin(relance_check=["faux"]), "Fault"),
    "doubts that are texts": (plugin(relance_review=["faux"]), "Fault"),
    "kinds of messages that are texts": (plugin(relance_messages=["faux"]), "MessageFiles"),
    "sections that are not read": (plugin(relance_sections={"essai": ["cle"]}), "fonctions"),
    "concerns that are texts": (plugin(relance_concerns=["faux"]), "Concern"),
    "variables that are texts": (plugin(relance_variables=["faux"]), "Variable"),
    "no hook": (SimpleNamespace(relance_contract=1, __name__="a"), "hookimpl"),
    "no contract": (SimpleNamespace(__name__="a"), "relance_contract"),
}


@pytest.mark.parametrize(("given", "said"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said(given, said):
    findings = check_plugin(given)
    assert any(said in finding.message for finding in findings), findings


def test_a_sound_plugin_has_no_findings():
    sound = plugin(
        relance_phrases=[phrase()],
        relance_slot_types=[SlotType("produit", "Un produit.")],
        relance_references={"produit": ["Vélo"]},
        relance_check=[],
        relance_channels=[FakeChannel("push")],
        relance_routes=[Route("/a/{token}", ("GET",), Guard.TOKEN, answer, purpose="a")],
    )
    assert check_plugin(sound) == ()


async def test_a_channel_is_tried_with_a_sample_message():
    channel = FakeChannel(outcomes=[Refused("non")])
    assert await check_channel(channel, address="a@b.ca") == Refused("non")
    assert channel.attempts[0].address == "a@b.ca"
    assert isinstance(await check_channel(channel), Sent)


async def test_a_channel_that_answers_something_else_fails_its_trial():
    channel = FakeChannel(outcomes=["oui"])
    with pytest.raises(AssertionError, match="oui"):
        await check_channel(channel)


async def test_a_channel_that_announces_its_messages_announces_each():
    silent = FakeChannel(limits=Limits(announced=True))
    with pytest.raises(AssertionError, match="leaving"):
        await check_channel(silent)

    def announced(message):
        message.leaving()
        return Sent()

    await check_channel(FakeChannel(limits=Limits(announced=True), otherwise=announced))
