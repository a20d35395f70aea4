"""All that commands load, loaded once: the process that starts those of the tests imports this."""

from importlib import import_module

import server.cli.main
import server.serving  # noqa: F401
from server.cli.commands import COMMANDS
from server.plugins import BUILT_IN
from server.store import connect

# As in the process of the tests: they kill processes and no machine.
connect.FLUSHED = "OFF"

for _module in (*BUILT_IN, *{name.partition(":")[0] for name in COMMANDS.values()}):
    import_module(_module)
