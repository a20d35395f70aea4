"""What strangers send is not remembered for ever."""

import pytest

from relance import fold as module
from relance.fold import fold, key_of


@pytest.mark.parametrize(
    ("call", "cache"),
    [
        (fold, module._known),
        (key_of, module._known),
    ],
)
def test_a_long_text_is_read_and_forgotten(call, cache) -> None:
    before = cache.cache_info().currsize
    call("É" * 5_000)
    assert cache.cache_info().currsize == before
    call("Été à l’essai 514 555-0199"[:20])
    assert cache.cache_info().hits + cache.cache_info().currsize > before


def test_long_and_short_names_read_alike() -> None:
    assert key_of("Été " * 100) == " ".join(["ete"] * 100)
    assert fold("Été " * 100) == " ".join(["ete"] * 100)
