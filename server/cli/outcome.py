"""How a command ends other than well."""


class CommandStop(Exception):
    """End the command with an exit code, and a sentence on the error output if there is one."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


#: The project holds errors: a script does not pass, a scenario fails.
WRONG = 1
#: The command line or the settings are wrong, or something needed is out of reach.
MISUSED = 2
