"""What a vendor needs to test a plugin: a clock that obeys, a channel and a host that pretend.

No network, no database: a plugin's tests run in milliseconds. `suite.check_plugin` says
what the server would refuse, before the server does.
"""

from relance.testing.asking import asked
from relance.testing.channel import FakeChannel, Slow
from relance.testing.clock import VirtualClock
from relance.testing.host import FakeHost
from relance.testing.house import FakeHouse, FakeLead
from relance.testing.suite import Finding, check_channel, check_plugin

__all__ = [
    "FakeChannel",
    "FakeHost",
    "FakeHouse",
    "FakeLead",
    "Finding",
    "Slow",
    "VirtualClock",
    "asked",
    "check_channel",
    "check_plugin",
]
