"""The refusal of an order."""


class Declined(Exception):
    """The order cannot be done; the message is French, and says what to do instead."""
