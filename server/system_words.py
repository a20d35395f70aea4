"""What the operating system answers, in French: it speaks the language of whoever compiled it."""

import errno
import os
from collections.abc import Mapping

_WORDS: Mapping[int, str] = {
    errno.EACCES: "l’accès est refusé",
    errno.EPERM: "l’accès est refusé",
    errno.EADDRINUSE: "un autre programme s’en sert",
    errno.EADDRNOTAVAIL: "cette machine n’a pas cette adresse",
    errno.ECONNREFUSED: "rien ne répond à cette adresse",
    errno.EDQUOT: "il ne reste plus de place",
    errno.EIO: "le disque n’a pas pu être lu ou écrit",
    errno.EISDIR: "c’est un dossier",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.ENOENT: "rien ne porte ce nom",
    errno.ENOSPC: "il ne reste plus de place",
    errno.ENOTDIR: "un fichier se trouve là où il faut un dossier",
    # What the resolver of names answers (EAI_NONAME, EAI_AGAIN, EAI_NODATA).
    -2: "ce nom ou cette adresse n’existe pas",
    -3: "le service des noms ne répond pas",
    -5: "ce nom ou cette adresse n’existe pas",
    errno.EROFS: "ce disque ne peut qu’être lu",
}


def os_reason(error: OSError) -> str:
    """Why, in a few words; the system's own for what is rare."""
    known = _WORDS.get(error.errno or 0)
    return known or error.strerror or str(error) or type(error).__name__


def os_message(error: OSError) -> str:
    """What and why, in a sentence."""
    if error.filename is None:
        return f"Le système refuse\u00a0: {os_reason(error)}."
    return f"«\u00a0{os.fsdecode(error.filename)}\u00a0»\u00a0: {os_reason(error)}."
