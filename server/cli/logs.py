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
    # What they tell of a stranger's bad request is answered to the stranger.
    for name in ("uvicorn.error", "python_multipart"):
        logging.getLogger(name).setLevel(logging.ERROR)
