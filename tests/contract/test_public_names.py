"""A plugin imports `relance`, and finds there every word of the contract, and no more."""

from importlib import import_module
from inspect import isclass
from pkgutil import iter_modules

import relance

#: What the engine and the checker add to the author's words; no phrase means them by itself.
ENGINE_ONLY = {"AtStep", "Leaf", "Reached", "SinceEntry", "SinceStep", "SinceWait"}
#: The classes of how a program is stored and known, and of what only the host does.
HOST_ONLY = {"Codec", "Said"}
#: What reading a file of the project answers: who asks meets it, and need not name it.
ANSWERED = {"TomlReading", "UnreadableToml", "Mending", "Guess"}


def words() -> set[str]:
    """The classes that the modules of the contract define themselves."""
    found = set()
    for module in iter_modules(relance.__path__, "relance."):
        if not module.ispkg:
            defined = vars(import_module(module.name))
            found |= {
                name
                for name, one in defined.items()
                if isclass(one) and one.__module__ == module.name and not name.startswith("_")
            }
    return found


def test_every_word_of_the_contract_can_be_imported_from_relance() -> None:
    assert words() - set(relance.__all__) == ENGINE_ONLY | HOST_ONLY | ANSWERED


def test_what_is_told_public_is_there() -> None:
    assert [name for name in relance.__all__ if not hasattr(relance, name)] == []
    assert len(relance.__all__) == len(set(relance.__all__))


def test_nothing_but_the_contract_comes_along() -> None:
    shown = {name for name in vars(relance) if not name.startswith("_")}
    modules = {module.name for module in iter_modules(relance.__path__)}
    assert shown - modules == set(relance.__all__)
