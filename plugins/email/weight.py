"""What a mail weighs: Gmail cuts what is heavier, and the way out with it."""

from plugins.email.template import EmailTemplate

#: Bytes of HTML that Gmail shows before « [Message clipped] »: the way out stands at the end.
CLIPPED = 102 * 1024
#: What an address that is followed takes, and what a value of a lead does.
_ADDRESS = 120


def weight(template: EmailTemplate) -> int:
    """The bytes of its HTML for a lead of whom nothing is known, every link followed."""
    links = {f"lien_{number}": "x" * _ADDRESS for number in range(len(template.links))}
    leave = "x" * _ADDRESS
    links |= {"lien_desabonnement": leave, "lien_des_preferences": leave}
    return len(template.html.render(**links, _piege=leave).encode())
