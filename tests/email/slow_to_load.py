"""What a busy machine is long to load, where messages are filled in."""

import sys
import time

if "relance.templates.filler" in sys.orig_argv:
    time.sleep(1.0)


def said() -> str:
    return "fait"
