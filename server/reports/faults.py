"""What is wrong in a project's files beside its scripts, told as a script's diagnostics are."""

from dsl.diagnostics import Severity
from relance.fault import Fault
from relance.toml_file import CODES


def head(fault: Fault, file: str) -> str:
    """Where and what, as for a script; `file` is how it is named to the person."""
    place = f"{file}:{fault.line}" + (f":{fault.column}" if fault.column else "")
    if not fault.code:
        return f"{place}  erreur"
    title = CODES.get(fault.code)
    return f"{place}  {fault.code}  erreur" + (f" : {title}" if title else "")


def as_data(fault: Fault, file: str) -> dict[str, object]:
    """The same for programs, by the keys of `dsl.help.render.as_data`."""
    return {
        "code": fault.code or None,
        "title": CODES.get(fault.code, ""),
        "severity": Severity.ERROR.value,
        "file": file,
        "message": fault.message,
        "start": {"line": fault.line, **({"column": fault.column} if fault.column else {})},
    }
