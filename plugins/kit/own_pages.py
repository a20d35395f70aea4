"""Pages of this server that a message leads its reader to, each by an address made for them alone.

Such an address is never tracked: what is tracked is stored, and these open something.
"""

UNSUBSCRIBE = "/d/"
CODE = "/confirmer"
CONFIRM = f"{CODE}/"
PREFERENCES = "/preferences/"
OWN_PAGES = (UNSUBSCRIBE, CONFIRM, PREFERENCES)
