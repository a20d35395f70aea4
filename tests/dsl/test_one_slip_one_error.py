"""One slip is told once, where it is: each word of a whole campaign misspelt in turn."""

import re
from collections.abc import Iterator

import pytest
from journey import JOURNEY
from sample_catalogue import CATALOGUE

from dsl.diagnostics import Diagnostic
from dsl.read.parser import parse

LINES = JOURNEY.split("\n")
FREE = re.compile(r"\([^()]*\)|«[^»]*»")


def found(lines: list[str]) -> tuple[Diagnostic, ...]:
    return parse("\n".join(lines), CATALOGUE).diagnostics


def line_of(lines: list[str], one: Diagnostic) -> int:
    return "\n".join(lines).count("\n", 0, one.span.start)


def misspelt() -> Iterator[tuple[int, str]]:
    for number, line in enumerate(LINES):
        if number in (1, 2, 3) or (" : " in line and "rempli" not in line and "lu" not in line):
            continue
        fixed = FREE.sub(lambda held: " " * len(held[0]), line)
        for word in re.finditer(r"[^\W\d_]{4,}", fixed):
            cut = word.start() + 2
            yield number, line[:cut] + line[cut + 1 :]


def test_the_journey_itself_is_right() -> None:
    assert found(LINES) == ()


@pytest.mark.parametrize(("number", "line"), list(misspelt()))
def test_a_word_misspelt_is_one_error_on_its_line(number: int, line: str) -> None:
    lines = [*LINES[:number], line, *LINES[number + 1 :]]
    errors = found(lines)
    assert len(errors) <= 1
    assert all(line_of(lines, one) == number for one in errors)


@pytest.mark.parametrize("sign", "()«»")
def test_a_delimiter_lost_is_one_error_on_its_line(sign: str) -> None:
    for number, line in enumerate(LINES):
        if sign in line:
            lines = [*LINES[:number], line.replace(sign, "", 1), *LINES[number + 1 :]]
            errors = found(lines)
            assert [line_of(lines, one) for one in errors] == [number], line


def test_a_fin_lost_is_told_at_the_line_that_opened_the_block() -> None:
    opened: list[int] = []
    for number, line in enumerate(LINES):
        word = line.split(" ")[0] if not line.startswith(" ") else line.split()[0]
        if word in (
            "campagne",
            "champs",
            "scénario",
            "pointage",
            "intérêt",
            "si",
            "répéter",
            "répartir",
        ) or line.strip().startswith(("attendre au plus", "lien suivi")):
            opened.append(number)
        elif line.strip() == "fin":
            opener = opened.pop()
            lines = [*LINES[:number], *LINES[number + 1 :]]
            errors = found(lines)
            assert [one.code for one in errors] == ["R106"]
            assert line_of(lines, errors[0]) == opener


def test_three_faults_are_three_errors_and_the_rest_is_read() -> None:
    source = (
        "campagne « A »\n  entrée\n    quand Formulaire (X rempli\n  étape\n"
        "  si Courriel (A) luu\n    Envoyer courriel (B)\n  fin\nfin\n"
    )
    parsed = parse(source, CATALOGUE)
    assert [one.code for one in parsed.diagnostics] == ["R104", "R110", "R201"]
    (campaign,) = parsed.script.blocks
    assert len(campaign.body) == 2  # type: ignore[union-attr]


def test_a_block_whose_opening_line_is_lost_is_one_error() -> None:
    for start in (
        "attendre au plus 3",
        "si Champ lead",
        "répartir",
        "champs",
        "scénario",
        "campagne",
        "pointage",
        "intérêt",
        "lien suivi",
    ):
        number = next(i for i, line in enumerate(LINES) if line.strip().startswith(start))
        assert len(found([*LINES[:number], *LINES[number + 1 :]])) == 1, start


def test_flat_text_pasted_from_a_mail_reads_the_same() -> None:
    flat = "\n".join(line.strip() for line in LINES)
    assert parse(flat, CATALOGUE) == parse(flat, CATALOGUE)
    assert parse(flat, CATALOGUE).script == parse(JOURNEY, CATALOGUE).script
