"""How sure it is that a fact is true of the person it names: who says so, and what proves it."""

from enum import IntEnum


class Proof(IntEnum):
    """Levels of proof, each surer than those before it.

    What is less sure never overwrites, joins nor receives the messages of what is surer
    (docs/confiance.md holds the whole table).
    """

    #: Anybody may have written it: a public form, a page's script, a browser.
    STATED = 1
    #: Shown by what only the holder of an address has: the link or code sent to it, an answer from it.
    CONFIRMED = 2
    #: Told by who holds a secret of the project: a signed webhook, a CRM.
    SIGNED = 3
    #: Told by the team itself: a file brought in, a command.
    TEAM = 4
