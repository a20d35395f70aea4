"""How messages list what was read, in French."""

from collections.abc import Sequence

from relance.french import quoted

#: What to say of words that make no phrase when nothing is near.
WHERE_TO_LOOK = " La liste des phrases s’obtient avec «\u00a0relance phrases\u00a0»."


def listed(names: Sequence[str], last: str = "ou") -> str:
    """« a », « b » ou « c »."""
    parts = [quoted(name) for name in names]
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def did_you_mean(near: Sequence[str]) -> str:
    """« Vouliez-vous écrire …\u00a0? », with a space before; nothing when nothing is near."""
    return f" Vouliez-vous écrire {listed(near)}\u00a0?" if near else ""
