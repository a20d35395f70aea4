"""The page of the reference is what the catalogue says, whole, and in the order people know."""

import pytest

import relance
from relance.facts import SinceAgo
from server.cli.main import main
from server.plugins import load_plugins, plugins_of
from server.reference import page, sections
from server.reference.entries import phrase_of
from server.reference.order import PARTS
from tests.house.modules import ROOT


def test_the_page_is_what_the_generator_writes() -> None:
    kept = (ROOT / "docs" / "phrases.md").read_text(encoding="utf-8")
    assert kept == page(sections(load_plugins())), "the catalogue changed: make reference"


def test_each_phrase_is_told_once() -> None:
    plugins = load_plugins()
    phrases = [entry.phrase.id for part in sections(plugins) for entry in part.entries]
    assert sorted(phrases) == sorted(plugins.catalogue.phrases)


def test_the_order_is_that_of_the_tool_people_come_from() -> None:
    phrases = [entry.phrase.id for part in sections(load_plugins()) for entry in part.entries]
    known = [
        "email.sent_lately",
        "email.link",
        "leads.age",
        "lists.member",
        "web.form",
        "waits.for",
    ]
    assert [one for one in phrases if one in known] == known


@pytest.mark.parametrize("part", PARTS)
def test_each_sentence_of_the_order_is_a_phrase(part: str) -> None:
    catalogue = load_plugins().catalogue
    assert [one for one in PARTS[part] if phrase_of(catalogue, one) is None] == []


BREAD = relance.EventPattern("bread_bought")


class Bakery:
    relance_contract = 1

    @relance.hookimpl
    def relance_phrases(self):
        recent = relance.Happened(relance.Events(BREAD, SinceAgo(relance.Duration(days=1))))
        return [
            relance.Phrase(
                id="bakery.lately",
                kind=relance.Kind.STATE,
                pattern="Pain {name:texte} acheté hier",
                aliases=("Baguette {name:texte} achetée hier",),
                english="Bread {name:texte} bought yesterday",
                means=lambda name: recent,
                help="Du pain a été acheté ; * vaut tout pain.",
                example="Pain (complet) acheté hier",
            ),
            relance.Phrase(
                id="bakery.bought",
                kind=relance.Kind.EVENT,
                pattern="Pain acheté",
                means=lambda: BREAD,
                help="Du pain a été acheté.",
                example="Pain acheté",
            ),
        ]

    @relance.hookimpl
    def relance_event_types(self):
        return [relance.EventType("bread_bought", "pain acheté", "Du pain.")]


@pytest.mark.parametrize(
    "line",
    [
        "### Pain (texte) acheté hier ⏱",
        "État · extension `boulangerie` · `bakery.lately`",
        "Du pain a été acheté ; \\* vaut tout pain.",
        "- S’écrit aussi\u00a0: `Baguette (texte) achetée hier`",
        "- En anglais\u00a0: `Bread (texte) bought yesterday`",
        "- La réponse peut changer après\u00a0: pain acheté, le temps qui passe",
        "- Se produit avec\u00a0: pain acheté",
        "- **(texte)**\u00a0: un texte libre.",
    ],
)
def test_a_page_tells_all_there_is_to_know(line: str) -> None:
    assert line in page(sections(plugins_of({"boulangerie": Bakery()}))).splitlines()


def test_the_command_writes_that_page(capsys, tmp_path) -> None:
    with pytest.raises(SystemExit):
        main(["phrases", str(tmp_path), "--markdown"])
    assert capsys.readouterr().out == page(sections(load_plugins()))
