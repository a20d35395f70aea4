"""Vendors' plugins on disk, as an installer leaves them: a module and its entry point."""

from pathlib import Path

GOOD = """
from relance.events import EventPattern
from relance.hookspecs import hookimpl
from relance.phrase import Kind, Phrase

relance_contract = 1

def left(stars):
    return EventPattern("review_left", stars)

@hookimpl
def relance_phrases():
    return [Phrase("reviews.left", Kind.EVENT, "Avis {stars:texte} laissé", left,
                   help="Le lead a laissé cet avis.", example="Avis (cinq étoiles) laissé")]
"""


def install(folder: Path, name: str, source: str, module: str | None = None) -> None:
    """Put the plugin `name` in `folder`, which stands on the import path."""
    module = module or f"vendor_{name}"
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[relance]\n{name} = {module}\n")
