"""The exclusive groups of a draft, and what another order of one writes in its scripts."""

from collections.abc import Sequence

from dsl.check.header import LAST_PRIORITY
from dsl.service.edits import all_applied
from dsl.service.group_order import ExclusiveGroup, exclusive_groups, renumbered
from dsl.service.language_service import LanguageService
from tests.dsl.service.projects import french, service_of

NAMED = "<b>'&lt;x> {{7*7}} {%raw%}"


def campaign(name: str, group: str = "") -> str:
    line = f"  {group}\n" if group else ""
    return french(
        f"campagne « {name} »\n{line}  entrée\n    quand Formulaire (Contact) rempli\n"
        "  Étiqueter (Vu)\nfin\n"
    )


def made(service: LanguageService, group: ExclusiveGroup, *names: str) -> dict[str, str]:
    """The files that this order changes, as they become."""
    keys = {one.name: one.key for one in group.campaigns}
    found = renumbered(group.arranged(keys[one] for one in names))
    return all_applied(service.sources, [one.edit for one in found])


def numbers(group: ExclusiveGroup) -> Sequence[tuple[str, int]]:
    return [(one.name, one.priority) for one in group.campaigns]


def test_groups_are_read_with_their_campaigns_the_first_to_let_in_first() -> None:
    texts = {
        "a.relance": campaign("A", "groupe exclusif : « Ventes », priorité 20")
        + campaign("Seule")
        + campaign("Z", "groupe exclusif : Accueil priorité : 3"),
        "b.relance": campaign("B", "Groupe Exclusif : « ventes » ; PRIORITÉ 1   # tôt")
        + campaign("C", "groupe exclusif : « VENTES », priorité 20")
        + campaign("D", "groupe exclusif : « Ventes »")
        + campaign("E", "groupe exclusif : « Ventes », priorité deux"),
    }
    first, second = exclusive_groups(service_of(texts))
    assert (first.name, numbers(first)) == ("Accueil", [("Z", 3)])
    assert (second.name, numbers(second)) == ("Ventes", [("B", 1), ("A", 20), ("C", 20)])
    assert (first.tied, second.tied) == (frozenset(), frozenset({20}))


def test_another_order_writes_the_numbers_alone_where_they_stand() -> None:
    hostile = campaign(NAMED, "groupe exclusif : « Ventes 2 », priorité 2   # pas 2, ni priorité 2")
    marked = "\ufeff" + campaign("A", "groupe exclusif : « Ventes 2 »,   priorité : 10").replace(
        "\n", "\r\n"
    )
    last = campaign("C", "groupe exclusif : Ventes 2 priorité 300")
    service = service_of({"a.relance": marked, "b.relance": hostile + last, "c.relance": ""})
    (group,) = exclusive_groups(service)
    assert numbers(group) == [(NAMED, 2), ("A", 10), ("C", 300)]
    assert made(service, group, NAMED, "A", "C") == {}
    assert made(service, group, "A", NAMED, "C") == {
        "a.relance": marked.replace("priorité : 10", "priorité : 2"),
        "b.relance": hostile.replace("priorité 2 ", "priorité 10 ", 1) + last,
    }
    turned = made(service, group, "C", "A", NAMED)
    assert turned == {
        "b.relance": hostile.replace("priorité 2 ", "priorité 300 ", 1) + last.replace("300", "2")
    }
    again = exclusive_groups(service_of({**service.sources, **turned}))
    assert numbers(again[0]) == [("C", 2), ("A", 10), (NAMED, 300)]


def test_those_of_one_priority_are_parted_and_no_number_goes_beyond_the_last() -> None:
    def group(*priorities: int) -> ExclusiveGroup:
        lines = (f"groupe exclusif : « G », priorité {one}" for one in priorities)
        text = "".join(campaign(f"C{at}", line) for at, line in enumerate(lines))
        return exclusive_groups(service_of({"a.relance": text}))[0]

    def changed(one: ExclusiveGroup, *keys: str) -> list[tuple[str, int]]:
        return [(each.campaign.key, each.priority) for each in renumbered(one.arranged(keys))]

    assert changed(group(1, 1, 2, 7)) == [("c1", 2), ("c2", 3)]
    assert changed(group(5, 5), "c1", "c0") == [("c0", 6)]
    assert changed(group(4, LAST_PRIORITY, LAST_PRIORITY)) == [("c0", 1), ("c1", 2), ("c2", 3)]
    three = group(1, 2, 3)
    assert [one.key for one in three.arranged(("c2", "c0", "zz", "c2"))] == ["c2", "c0", "c1"]
    assert [one.key for one in three.arranged(("c1",))] == ["c0", "c1", "c2"]
