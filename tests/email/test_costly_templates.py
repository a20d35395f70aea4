"""A template that would keep the server busy is refused where it is read, or stops while it is filled in.

The ceilings are generous on purpose: each of these took from ten seconds to hours.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from liquid.exceptions import LiquidError

from plugins.email.template import parse
from relance.templates.language import HTML, TEXT
from relance.templates.reading import read_liquid

_LONG = "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 13
_FRONT = "---\nobjet: Tarifs\n---\n"


@contextmanager
def soon(seconds: float = 15.0) -> Iterator[None]:
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < seconds


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..999999999) limit:1 offset:999999990 %}x{% endfor %}",
        "{% for i in (1..99999999999999999999999999) limit:1 %}x{% endfor %}",
        "{% assign last = 999999999 %}{% for i in (1..last) limit:1 offset:n %}x{% endfor %}",
        "{% for i in (1..4000) %}{% endfor %}" * 400,
        "{% for i in (1..5000) %}" + "{{ 1 }}" * 5_000 + "{% endfor %}",
        "{% for i in (1..70) %}{% for j in (1..70) %}"
        + "{{ '' }}" * 5_000
        + "{% endfor %}{% endfor %}",
        _LONG + ("{% assign y = x" + " | upcase" * 200 + " %}") * 25,
        _LONG + "{% assign y = x | split: 'b' %}" * 1_000,
        _LONG + "{% assign y = x | split: '' %}",
        _LONG + "{% if x contains x %}{% endif %}" * 1_500,
        "{% assign x = 9 %}" + "{% assign x = x | times: x %}" * 1_000,
        "{{ 9" + " | times: 999999999999999999999" * 60 + " }}",
        "{% assign x = 'aaaaaaaaaa' %}" + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 1_000,
    ],
)
@pytest.mark.parametrize("environment", [TEXT, HTML])
def test_filling_in_stops_before_it_lasts(source: str, environment: object) -> None:
    with soon(), pytest.raises(LiquidError):
        (TEXT if environment is TEXT else HTML).from_string(source).render(n=999999990)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{" * 300_000, "« {{ » n’est pas fermé par « }} »"),
        ("Bonjour\n" + "{%" * 100_000, "« {% » n’est pas fermé par « %} »"),
        ("{% raw %}" * 5_000, "il manque la balise « endraw »"),
        ("{{" + " " * 50_000 + "x }}", "compte 50006 caractères ; 2000 au plus"),
        ("{{" + " " * 1_000 + "x }}", "plus de 100 espaces de suite"),
        ("{{ " + "(" * 500 + " }}", "plus de 20 parenthèses ou crochets"),
        ("{% if a or b %}{% endif %}" * 9_000, "comptent plus de 60000 caractères"),
        ("{% if (1..999999999999) contains 'x' %}{% endif %}", "hors d’une boucle « for »"),
        ("{% assign r = (1..n) %}{% if r contains 'x' %}{% endif %}", "hors d’une boucle"),
    ],
)
def test_what_would_take_long_to_read_is_told(source: str, message: str) -> None:
    with soon():
        template, wrong = read_liquid(source)
    assert template is None
    assert message in wrong[0][1]


def test_many_variables_are_not_added_up_at_each_of_them() -> None:
    source = "".join(f"{{% assign a{one} = 'b' %}}" for one in range(2_500))
    with soon():
        assert TEXT.from_string(source).render() == ""


def test_braces_that_markdown_brings_together_are_a_fault_of_the_file() -> None:
    found = parse(_FRONT + "Voici {\\{ la suite", "tarifs", "courriels/tarifs.md")
    assert ["pas bien écrite" in fault.message for fault in found.faults] == [True]


def test_a_fault_found_before_parsing_has_its_line() -> None:
    assert read_liquid("Bonjour\n\n{{ prénom")[1] == [
        (2, "une balise n’est pas bien écrite : « {{ » n’est pas fermé par « }} »")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..50) %}{{ i }}, {% endfor %}",
        "{% for i in (1..3) reversed limit:2 offset:1 %}{{ i }}{% endfor %}",
        "{{ (1..3) | join: ', ' }}",
        "{% assign r = (1..12) %}{% for i in r %}{{ i }}{% endfor %}",
        "Bonjour {{ prénom | default: 'vous (oui...)' }}, " * 500,
    ],
)
def test_an_honest_template_is_read_and_filled_in(source: str) -> None:
    template, wrong = read_liquid(source)
    assert wrong == []
    assert template is not None
    assert template.render(prénom="Marie")


@pytest.mark.parametrize("sign", ["<", "[", "`", "*"])
def test_a_mail_of_nothing_but_markup_is_refused_before_it_is_read(sign: str) -> None:
    with soon():
        found = parse(_FRONT + sign * 290_000, "tarifs", "courriels/tarifs.md")
    assert found.template is None
    assert "plus de 20000 fois" in found.faults[0].message


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "<p>" + "{%if a%}{%endif%}  " * 20 + "x</p>\n",
        "<p>\n \n",
        "\n \n",
        "[a](",
        "*_",
        "a **b ",
        "`a``b```",
        "<div>",
        "<b><i>",
        "{\\{",
        "&#1;",
    ],
)
@pytest.mark.parametrize("start", ["Bonjour ", "<p>"])
def test_no_text_of_a_mail_keeps_its_reader(unit: str, start: str) -> None:
    with soon():
        parse(_FRONT + start + unit * (20_000 // len(unit)), "tarifs", "courriels/tarifs.md")
