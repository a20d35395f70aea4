"""A project's own images: files of its `images` folders, shown by the server at an address for good.

The address is the image's own mark, so that a message sent long ago shows what it showed then,
whatever the project holds now. What a file is its first bytes say, never its name.
"""

from collections.abc import Mapping
from functools import lru_cache

from relance.host import Setup
from relance.project_files import ProjectFiles

FOLDER = "images"
#: What may be an image of a project, by the end of its name. No SVG: it may hold a script.
KINDS: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
#: Bytes of one image. Heavier, it takes seconds to come on a phone.
MOST = 1_000_000
#: Where the server shows them.
PATH = "/images/"


def named(files: ProjectFiles, written: str) -> str | None:
    """The image that a message means: « images/velo.png », or its name alone if only one has it."""
    wanted = written.replace("\\", "/").split("/")
    name = "/".join(part for part in wanted if part not in {"", ".", ".."})
    known = _known(files)
    if name in known:
        return name
    ends = [file for file in known if file.endswith(f"/{name}")]
    return ends[0] if name and len(ends) == 1 else None


@lru_cache(maxsize=4)  # asked for each message: those of what runs, and of a draft or two
def _known(files: ProjectFiles) -> frozenset[str]:
    return frozenset(file for kind in KINDS for file in files.inside(FOLDER, kind))


def kind_of(content: bytes) -> str | None:
    """What those bytes are the image of (« image/png »); None if they are none that is shown."""
    starts = {
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
    }
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in starts.items() if content.startswith(start)), None)


def address(setup: Setup, file: str) -> str:
    """Where the server shows that image of what is published."""
    return f"{setup.public_url}{PATH}{setup.files.mark(file)}"
