from dataclasses import replace

from dsl.program import END, Await, Branch
from server.engine.index import Index
from server.engine.listening import Happening
from server.engine.version import Version
from tests.engine.world import HERE, UTC, heard, on, program


def index(*subjects: str | None, type_: str = "page_visited") -> Index:
    return Index(
        Version(number, number, f"c{number}", program(entries=(on(type_, subject),)), UTC, True)
        for number, subject in enumerate(subjects)
    )


def concerned(found: Index, event: Happening) -> list[int]:
    return [listener.version.id for listener in found.concerned([event])]


VISIT = Happening("page_visited", "/prix", "https://x.ca/prix?a=1", None)


def test_only_those_who_listen_are_looked_at() -> None:
    found = index("/prix", "/autre", None, "*", "/p*", "https://x.ca/*", "/P*", "https://y.ca/*")
    assert concerned(found, VISIT) == [0, 2, 3, 4, 5]
    assert concerned(found, replace(VISIT, type="form_submitted")) == []


def test_names_are_found_whatever_their_case_and_accents() -> None:
    found = index("Demande de Tarif", "demande-de-tarif", "DÉM* tarif", type_="form_submitted")
    event = Happening("form_submitted", "demande-de-tarif", None, None)
    assert concerned(found, event) == [0, 1, 2]


def test_a_closed_version_lets_nobody_in() -> None:
    closed = Version(1, 1, "c", program(entries=(on("page_visited"),)), UTC, False)
    assert Index([closed]).concerned([VISIT]) == []


def test_only_what_those_inside_wait_for_is_heard() -> None:
    waits = Await("a", HERE, (Branch(HERE, heard("custom", "x"), END),), None, END, ("custom",))
    listening = program(waits, entries=(on("form_submitted", "Essai"),))
    found = Index([Version(1, 1, "c", listening, UTC, True)])
    assert found.hears(Happening("custom", "x", None, None))
    assert not found.hears(Happening("custom", "autre", None, None))
    assert found.hears(Happening("form_submitted", "essai", None, None))
    assert not found.hears(Happening("form_submitted", "autre", None, None))
    assert not found.hears(VISIT)
