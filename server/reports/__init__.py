"""What people ask of the journal: why, and why not.

`ledger` reads what the store knows of a lead; all the rest is pure and turns it into words
(`timeline`, of `moves`, `leaves`, `standing`) or into a picture (`drawing`, of `layout`).
"""
