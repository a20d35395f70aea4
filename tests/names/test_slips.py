"""A name proposed for one that is not known is a likely slip for it, never another one on purpose."""

import pytest

from relance.slip import slip_of


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("serveurr", ["serveur", "port"], "serveur"),
        ("rabais10", ["rabais20", "rabais1"], None),
        ("rabias10", ["rabais20", "rabais10"], "rabais10"),
        ("desabonnement", ["abonnement"], None),
        ("confirmee", ["non_confirmee"], None),
        ("zzz", ["serveur"], None),
    ],
)
def test_a_slip_is_not_another_name(word: str, known: list[str], meant: str | None) -> None:
    assert slip_of(word, known) == meant
