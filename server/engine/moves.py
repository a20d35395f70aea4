"""What the journal says of a move: its kind, and its cause."""

from enum import StrEnum


class Move(StrEnum):
    """The kinds of move."""

    ENTERED = "entered"
    ACTED = "acted"
    DECIDED = "decided"  # branch: 1 yes, 0 no
    WAITED = "waited"  # arrived at a wait; until: when it gives up
    RESUMED = "resumed"  # branch: the « dès que » that held, TIMED_OUT, None after a plain wait
    STEPPED = "stepped"
    JUMPED = "jumped"  # branch: the statement gone to
    LOOP_BEGUN = "loop_begun"
    LOOPED = "looped"  # branch: the statement gone to
    SKIPPED = "skipped"  # an activity that was done before the lead returned to a step
    WITHHELD = "withheld"  # an activity, from whoever is to get nothing
    TRANSFERRED = "transferred"  # to another version; branch: 1 when it returns to a step of it
    SPLIT = "split"  # branch: the share drawn
    LEFT = "left"


class Cause(StrEnum):
    """Why it was made."""

    EVENT = "event"
    TIME = "time"
    MOVE = "move"  # the one before led here
    OPERATOR = "operator"


#: The `branch` of a wait that gave up.
TIMED_OUT = -1
