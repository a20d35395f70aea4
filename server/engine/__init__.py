"""The loop: intake, matching, advance, dispatch, on an injected clock.

In: `intake` is the one door; a fact is checked (`incoming`, `contacts`, `field_values`), then
stored by batches (`recording`, `identities`).

On: `engine` takes a `tick` at a time, over a `batch`. `matching` picks what it takes on; `index`
says who listens; `entries`, `exits` and `waiting` answer; `advance` moves the batch by `statements`
(`effects`, `draw`, `rests`) and `moves` names what the journal tells. `conditions` are asked within a
`scope`, of `history` (by `patterns`) and of `operands` (by `literals`); `leaves` says why they hold.
`wake` and `schedules` are the calendar. `publication` makes a program a `version`,
`plan` compiles it, `set_aside` keeps one that failed out of the others' way.

Out: `dispatch` hands the outbox to the channels, a `lane` each (`claims`, `rate`, `retry`,
`breaker`).
"""
