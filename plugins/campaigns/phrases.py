"""Phrases that name another campaign."""

from collections.abc import Sequence

from relance.effects import Effect, EnterCampaign, LeaveCampaign
from relance.facts import Condition, Entered
from relance.phrase import Kind, Phrase


def touched(campaign: str) -> Condition:
    """Ever entered it."""
    return Entered(campaign)


def enter(campaign: str) -> Sequence[Effect]:
    """Go there, by that campaign's own rules."""
    return (EnterCampaign(campaign),)


def leave(campaign: str) -> Sequence[Effect]:
    """Take the lead out of `campaign`, wherever it stands there."""
    return (LeaveCampaign(campaign),)


PHRASES = (
    Phrase(
        id="campaigns.touched",
        kind=Kind.STATE,
        pattern="Touché par campagne {campaign:campagne}",
        english="Touched by campaign {campaign:campagne}",
        means=touched,
        help="Vrai si le lead est déjà entré dans cette campagne, qu’il y soit encore ou non.",
        example="Touché par campagne (Bienvenue)",
    ),
    Phrase(
        id="campaigns.enter",
        kind=Kind.ACTIVITY,
        pattern="Envoyer lead dans la campagne {campaign:campagne}",
        aliases=("Envoyer [le contact] dans la campagne {campaign:campagne}",),
        english="Send lead into the campaign {campaign:campagne}",
        means=enter,
        help="Fait entrer le lead dans une autre campagne, selon les règles de celle-ci "
        "(période, réentrée).",
        example="Envoyer lead dans la campagne (Bienvenue)",
    ),
    Phrase(
        id="campaigns.leave",
        kind=Kind.ACTIVITY,
        pattern="Enlever de la campagne {campaign:campagne}",
        aliases=("(Retirer|Enlever|Sortir) [le lead] de la campagne {campaign:campagne}",),
        english="Remove from the campaign {campaign:campagne}",
        means=leave,
        help="Fait sortir le lead de la campagne, s’il y est.",
        example="Enlever de la campagne (Bienvenue)",
    ),
)
