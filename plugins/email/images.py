"""The project's own images in its mails: where each is shown, and those that are not there."""

from collections.abc import Iterator, Mapping

from plugins.email.template import EmailTemplate
from relance.fault import Fault
from relance.french import quoted
from relance.host import Setup
from relance.images import FOLDER, KINDS, MOST, address, kind_of, named
from relance.project_files import ProjectFiles


def shown(setup: Setup, template: EmailTemplate) -> Mapping[str, str]:
    """What each `{{ image_n }}` of the template stands for; nothing for one that is not there."""
    found = ((at, named(setup.files, one)) for at, one in enumerate(template.images))
    return {f"image_{at}": address(setup, file) if file else "" for at, file in found}


def doubts_of_images(
    files: ProjectFiles, file: str, source: str, template: EmailTemplate
) -> Iterator[Fault]:
    """What is wrong with the images of the mail in a file, at the line that shows each."""
    for one in template.images:
        at = source.count("\n", 0, max(source.find(one), 0)) + 1
        message = _wrong(files, one)
        if message is not None:
            yield Fault(file, at, message)


def _wrong(files: ProjectFiles, written: str) -> str | None:
    found = named(files, written)
    if found is None:
        shapes = ", ".join(sorted(KINDS))
        return (
            f"l’image {quoted(written[:60])} n’est pas dans le dossier {quoted(FOLDER)} ; "
            f"mettez-y le fichier ({shapes}), ou écrivez son adresse, qui commence par {quoted('https://')}"
        )
    content = files.contents[found]
    if len(content) > MOST:
        weight = f"{len(content) / 1_000_000:.1f}".replace(".", ",")
        return f"l’image {quoted(written[:60])} pèse {weight}\u00a0Mo ; 1\u00a0Mo au plus"
    if kind_of(content) is None:
        return f"{quoted(written[:60])} n’est pas une image PNG, JPEG, GIF ou WebP"
    return None
