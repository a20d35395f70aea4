"""A page that stands alone: the project's images in it, which nothing shows before they are published."""

import re
from base64 import b64encode

from relance.host import Setup
from relance.images import FOLDER, KINDS, PATH, kind_of


def alone(html: str, setup: Setup) -> str:
    """That page, its images from the project's own files."""
    files = setup.files
    named = (file for kind in KINDS for file in files.inside(FOLDER, kind))
    marks = {files.mark(file): file for file in named}

    def carried(found: re.Match[str]) -> str:
        file = marks.get(found[1])
        content = files.contents[file] if file is not None else b""
        kind = kind_of(content)
        return f"data:{kind};base64,{b64encode(content).decode()}" if kind else found[0]

    return re.sub(f"{re.escape(setup.public_url + PATH)}([0-9a-f]{{64}})", carried, html)
