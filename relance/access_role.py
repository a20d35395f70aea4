"""The rights of the team, which whoever adds a page says who it is for."""

from enum import Enum


class AccessRole(Enum):
    """What somebody may do; none holds another. The value is its word for people."""

    READ = "lecture"
    WRITE = "rédaction"
    PUBLISH = "publication"
    PERSONAL = "données personnelles"
    ADMINISTER = "administration"

    @property
    def code(self) -> str:
        """As it is stored, and written by forms."""
        return self.name.lower()
