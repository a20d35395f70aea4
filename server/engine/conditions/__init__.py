"""The facts of the contract as SQL, for a whole batch of leads at once.

`conditions` are asked within a `scope`, of `history` (by `patterns`; `visits` and `totals` are read
off it) and of `operands` (by `literals`); `leaves` says why they hold. `woken`, `blank` and
`flips` say when one has to ask again: at which event, for a new lead, at which instant.
"""
