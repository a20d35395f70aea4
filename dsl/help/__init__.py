"""How the author is helped: what may have been meant, whether it says the same, how it is shown."""
