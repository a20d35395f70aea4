"""What the server says while it runs: one line a fact, on the error output."""

import logging
import sys

from server.cli.terminal import Lines


def start_logging() -> None:
    """Show what matters to an operator; libraries only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in ("relance", "server", "plugins"):
        logging.getLogger(name).setLevel(logging.INFO)
    # What they tell of a stranger's bad request is answered to the stranger.
    for name in ("uvicorn.error", "python_multipart"):
        logging.getLogger(name).setLevel(logging.ERROR)
