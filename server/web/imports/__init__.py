"""A file of leads brought in from a page: received, matched with fields, tried, followed to its end."""
