"""What the author is told: what may have been meant, whether it says the same, how it is shown."""
