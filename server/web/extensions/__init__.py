"""What extensions add to the interface: their pages and their panels, drawn from values, never theirs."""
