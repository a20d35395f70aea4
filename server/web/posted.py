"""What a form of ours brought: texts by name, whatever else was sent left out."""

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request

_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form."""

    data: FormData

    def text(self, name: str) -> str:
        """The field of that name; empty when it was not sent."""
        value = self.data.get(name, "")
        return value[:_LONGEST] if isinstance(value, str) else ""

    def long_text(self, name: str, most: int) -> str:
        """The same, of which more is kept: one sign more than `most`, so that too long is seen to be."""
        value = self.data.get(name, "")
        return value[: most + 1] if isinstance(value, str) else ""

    def several(self, name: str) -> list[str]:
        """What was ticked under that name."""
        return [one for one in self.data.getlist(name) if isinstance(one, str)]


async def posted(request: Request) -> Posted:
    """The form of that request."""
    return Posted(await request.form())
