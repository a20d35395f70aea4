"""Plays scenarios: the real engine, dispatch and intake, on a clock that jumps and a store in memory.

Nothing is imitated but the outside: channels accept every message. What passes here is what the
server does.
"""

from server.simulation.results import Failure, ScenarioResult
from server.simulation.runner import run_scenarios

__all__ = ["Failure", "ScenarioResult", "run_scenarios"]
