"""What the server says while it runs: one line a fact, on the error output."""

import logging
import sys


def start_logging() -> None:
    """Show what matters to an operator; libraries only when something is wrong."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    for name in ("relance", "server", "plugins"):
        logging.getLogger(name).setLevel(logging.INFO)
