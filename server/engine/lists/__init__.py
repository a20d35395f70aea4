"""The dynamic lists: who is on them is what their condition says, at every instant.

`lists` follows all of them from event to event, `members` keeps those of one `dynamic_list`;
`declared` is what a publication changes of them.
"""
