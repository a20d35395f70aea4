"""A person’s rights: to be told all that is known of her, and to have it forgotten."""
