"""Programs as JSON and back: how a version is stored, and the hash that tells two apart."""

import json
from hashlib import sha256

from dsl import program
from dsl.program import Program
from relance import effects, events, facts, values, waits
from relance.codec import Codec, Data

_codec = Codec(values, events, facts, effects, waits, program)


def to_json(one: Program) -> str:
    """A program as JSON text, the same for equal programs."""
    return _dumped(_codec.encode(one))


def from_json(text: str) -> Program:
    """The program `to_json` wrote; ValueError for anything else."""
    try:
        decoded = _codec.decode(json.loads(text))
    except (KeyError, TypeError, ArithmeticError, IndexError) as fault:
        raise ValueError("this is not a program") from fault
    if not isinstance(decoded, Program):
        raise ValueError("this is not a program")
    return decoded


def content_hash(one: Program) -> str:
    """What a version is known by. Line numbers stay out: moving a campaign in its file is no edit."""
    return sha256(text_of(one).encode()).hexdigest()


def text_of(one: Program) -> str:
    """What is hashed."""
    return _dumped(_unplaced(_codec.encode(one)))


def _dumped(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _unplaced(data: Data) -> Data:
    if not isinstance(data, list):
        return data
    if len(data) == 3 and data[0] == "Place":
        return ["Place", 0, data[2]]
    return [_unplaced(part) for part in data]
