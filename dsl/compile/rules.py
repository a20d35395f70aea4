"""What stands outside campaigns: points and conversions, as what the engine listens for."""

from collections.abc import Iterator

from dsl.compile.triggers import LineOf, TriggerCompiler
from dsl.rules import Conversion, PointRule
from dsl.tree.bound import BoundConversion, BoundPoints


def compile_points(rule: BoundPoints, line_of: LineOf) -> Iterator[PointRule]:
    """A rule for each way its « quand » reads."""
    for trigger in TriggerCompiler(line_of, f"{rule.key}/").compile(rule.when):
        yield PointRule(rule.key, rule.topic, rule.change, trigger)


def compile_conversion(rule: BoundConversion, line_of: LineOf) -> Iterator[Conversion]:
    """A conversion for each way to count one."""
    for trigger in TriggerCompiler(line_of, f"{rule.key}/").compile(rule.when):
        yield Conversion(rule.name, trigger)
