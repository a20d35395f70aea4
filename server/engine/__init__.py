"""On: the loop, a `tick` at a time, on an injected clock.

`engine` runs it over the tables of a `batch`. `matching` picks what a tick takes on; `index` says who
is `listening`; `parameters` is what « now » means, `wake` the calendar, `draw` stands for dice, and
`moves` names what the journal tells. `ahead` says when there will be work, `own_zone` whether days
begin elsewhere than they did. The rooms:

`conditions/` asks the facts, in SQL; `effects/` does what activities do; `statements/` moves the
batch from one to the next; `triggers/` lets leads in and out; `lists/` keeps the dynamic lists;
`standing/` applies what stands outside campaigns; `publication/` makes a program a version.
"""
