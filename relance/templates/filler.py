"""The process that fills messages in: reads work on its entry, writes the answers, ends with it."""

import os
import pickle
import resource
import signal
import struct
import sys
import traceback

from liquid.exceptions import LiquidError

from relance.templates.lasting import Lacking
from relance.templates.reading import said

_LENGTH = struct.Struct(">I")
#: What it may take of memory, in bytes: hundreds of times what a message does.
_MOST_MEMORY = 1 << 30


def _answered(work: bytes) -> bytes:
    try:
        function, given, named = pickle.loads(work)  # noqa: S301 — written by the server itself
        return pickle.dumps((True, function(*given, **named)))
    except Lacking as error:
        return pickle.dumps((None, error.key))
    except LiquidError as error:
        return pickle.dumps((False, said(error)))
    except MemoryError:
        os._exit(1)  # another one begins with all of its memory
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps((False, f"ce modèle ne se remplit pas ({type(error).__name__})"))


def main() -> None:
    """Answer until the entry is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the server, which tells us
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    entry, out = sys.stdin.buffer, sys.stdout.buffer
    while len(head := entry.read(_LENGTH.size)) == _LENGTH.size:
        answer = _answered(entry.read(_LENGTH.unpack(head)[0]))
        try:
            out.write(_LENGTH.pack(len(answer)) + answer)
            out.flush()
        except BrokenPipeError:  # the server is gone, and nobody waits for the answer
            os._exit(0)


if __name__ == "__main__":
    main()
