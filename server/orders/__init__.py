"""What an operator's command asks of the base: done by the running server, which alone writes to it,
or by the command itself when none runs.
"""
