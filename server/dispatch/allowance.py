"""How many messages a recipient may be sent in a day: what `[destinataires]` sets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """Messages in 24 hours, on each channel; 0: no bound.

    To one address, proven to be its owner's or not; to newcomers whose address nobody proved, of
    one domain, of one country, in one campaign.
    """

    proven: int = 12
    unproven: int = 5
    domain: int = 200
    country: int = 1_000
    campaign: int = 5_000
    #: The country whose numbers are read without their prefix.
    region: str = "CA"


#: What an honest shop never meets.
ORDINARY = Allowance()
