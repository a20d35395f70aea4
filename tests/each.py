"""One test of many small cases, such as a rule of the house and its hundreds of modules.

A test costs some milliseconds whatever it does: thousands of them, minutes. Here each case costs what
it does; those that fail are all told, by name.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def of_each(
    cases: Iterable[T], name: Callable[[T], str] = str
) -> Callable[[Callable[[T], None]], Callable[[], None]]:
    """Make of a test of one case the test of all of these, of which there is at least one."""
    held = list(cases)

    def all_of(test: Callable[[T], None]) -> Callable[[], None]:
        def tested() -> None:
            assert held
            failures = []
            for case in held:
                try:
                    test(case)
                except Exception as failure:
                    failure.add_note(name(case))
                    failures.append(failure)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(held)}", failures)

        tested.__name__, tested.__doc__, tested.__module__ = (
            test.__name__,
            test.__doc__,
            test.__module__,
        )
        return tested

    return all_of
