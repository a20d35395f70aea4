"""A policy as JSON and back: how what was published of it is stored."""

from dsl import policy
from dsl.policy import Policy
from relance import values
from relance.codec import Codec

_codec = Codec(values, policy, positions={})


def to_json(one: Policy) -> str:
    """A policy as JSON text, the same for equal ones."""
    return _codec.to_json(one)


def from_json(text: str) -> Policy:
    """The policy `to_json` wrote, in this release or an earlier one; ValueError for anything else."""
    found = _codec.from_json(text)
    if not isinstance(found, Policy):
        raise ValueError("this is not a policy")
    return found
