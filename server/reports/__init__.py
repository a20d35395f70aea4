"""What people ask of the journal: why, and why not."""
