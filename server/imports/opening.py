"""Which of the ways of writing a table a file is in, told from its first bytes."""

from pathlib import Path

from server.imports.delimited import Delimited
from server.imports.encoding import NO_TABLE
from server.imports.sheet import BadFile, Sheet
from server.imports.subprocess_workbook import SubprocessWorkbook
from server.imports.workbook import looks_like_one

#: How files of other kinds begin, which a text never does: PDF, PNG, JPEG, GIF, RTF, ELF, gzip, 7z, RAR.
_OTHERS = (
    *(
        b"%PDF-",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"{\\rtf",
        b"\x7fELF",
        b"\x1f\x8b",
        b"7z\xbc",
    ),
    b"Rar!",
)


def open_sheet(path: Path) -> Sheet:
    """The table in a file; `BadFile`, in French, when there is none."""
    if path.is_dir():
        raise BadFile(f"« {path.name} » est un dossier, pas un fichier.")
    if not path.is_file():  # a pipe would keep its reader waiting for ever
        raise BadFile(f"« {path.name} » n’existe pas, ou n’est pas un fichier.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise BadFile(f"« {path.name} » ne peut pas être lu.") from error
    if not start:
        raise BadFile(f"« {path.name} » est vide.")
    if looks_like_one(start):
        return SubprocessWorkbook(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(
            f"« {path.name} » est un ancien classeur Excel (.xls), ou un classeur protégé par un "
            "mot de passe. Enregistrez-le en « Classeur Excel (.xlsx) » ou en CSV."
        )
    if start.startswith(_OTHERS):
        raise BadFile(f"«\u00a0{path.name}\u00a0» n’est pas une table. {NO_TABLE}")
    return Delimited(path)
