"""A person’s rights, tried on whole servers."""
