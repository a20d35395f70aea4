"""A campaign begun from nothing, or from a text that somebody has: a script of its own in the draft."""

from pathlib import Path

from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue
from relance.fold import loose_key
from relance.french import quoted
from server.campaign_library.copying import NotCopied
from server.folder import SCRIPT
from server.publication.replacement import put_anew

#: What one writes over: whole, so that it may be tried and published as it is.
_BEGUN = """\
campagne {name}
  description : à dire en une phrase

  entrée
    quand Formulaire (Contact) rempli

  étape {first}
  Étiqueter (À suivre)
fin
"""
_LONGEST = 100


def begin(folder: Path, name: str, text: str, catalogue: Catalogue) -> str:
    """Write the script of that name, holding that text or else a campaign to be written; its path.

    NotCopied when it cannot be: no name, one that a file has, a folder that takes none.
    """
    kept = " ".join(name.split())
    if not kept or not loose_key(kept):
        raise NotCopied("Donnez-lui un nom.")
    if len(kept) > _LONGEST or any(sign in kept for sign in '«»"“”'):
        raise NotCopied(f"Un nom d’au plus {_LONGEST} signes, sans guillemets.")
    begun = _BEGUN.format(name=quoted(kept), first=quoted("Début"))
    script = text.replace("\r\n", "\n") if text.strip() else format_source(begun, catalogue)
    file = loose_key(kept) + SCRIPT
    try:
        put_anew(folder / file, script if script.endswith("\n") else f"{script}\n")
    except FileExistsError as error:
        raise NotCopied(f"{quoted(file)} existe déjà : choisissez un autre nom.") from error
    except OSError as error:
        raise NotCopied("Le dossier du projet ne peut pas être écrit : rien ne l’a été.") from error
    return file
