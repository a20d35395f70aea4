"""A section of settings says each value in the type asked, or why it cannot, by its name."""

from collections.abc import Callable
from datetime import date

import pytest

from relance import ConfigurationError, Section

KEYS = ("voliere", "pigeons", "altitude", "nuit", "noms")


def section(**values: object) -> Section:
    return Section("pigeon", values, KEYS)


def test_a_value_reads_the_same_from_the_file_and_from_the_environment() -> None:
    for file, environment in (
        (section(pigeons=3), section(pigeons="3")),
        (section(altitude=1.5), section(altitude="1,5")),
        (section(nuit=True), section(nuit="oui")),
        (section(noms=["Ré", "Mi"]), section(noms="Ré, Mi")),
    ):
        assert file.integer("pigeons", 1, 0, 9) == environment.integer("pigeons", 1, 0, 9)
        assert file.number("altitude", 1, 0, 9) == environment.number("altitude", 1, 0, 9)
        assert file.flag("nuit", False) == environment.flag("nuit", False)
        assert file.texts("noms") == environment.texts("noms")


def test_a_date_without_quotes_is_a_text() -> None:
    assert section(noms=[date(2026, 12, 24)]).texts("noms") == ("2026-12-24",)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (4.5, lambda given: given.integer("pigeons", 1, 0, 9)),
        (10, lambda given: given.integer("pigeons", 1, 0, 9)),
        (True, lambda given: given.integer("pigeons", 1, 0, 9)),
        ("nan", lambda given: given.number("pigeons", 1, 0, 9)),
        (10**400, lambda given: given.number("pigeons", 1, 0, 9)),
        ("peut-être", lambda given: given.flag("pigeons", True)),
        # An empty name among a list's is a slip: left out, it could leave the list empty, and open.
        (["Ré", ""], lambda given: given.texts("pigeons")),
        ({"Ré": 1}, lambda given: given.table("pigeons")),
        (7, lambda given: given.text("pigeons")),
        ("gris", lambda given: given.choice("pigeons", "blanc", ("blanc", "noir"))),
    ],
)
def test_what_is_no_such_value_is_refused_by_name(
    value: object, read: Callable[[Section], object]
) -> None:
    with pytest.raises(ConfigurationError, match=r"pigeons.*pigeon") as refused:
        read(section(pigeons=value))
    assert refused.value.key == "pigeons"


def test_a_key_it_does_not_know_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="voliere"):
        section(volliere="au grenier")
