"""Who gives a command: what is done to campaigns and publications is kept under a name."""

import getpass
import os


def account() -> str:
    """The name of this account on the machine; of one that has none, its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # of a container, say
        return f"n°\u00a0{os.getuid()}"
