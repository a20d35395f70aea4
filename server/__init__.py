"""What runs. `runtime` is the whole server as one object; everything it is made of is here.

`store/` holds the tables and their migrations; facts come in by `intake/`, `engine/` moves leads,
`dispatch/` sends; `http/` answers the web, `egress/` is the way out; `reports/` says why, `cli/` is the command line, `simulation/` plays
scenarios and `demo/` the demonstration. `settings`, `plugins`, `rules` and `host` are what a
project brings: its configuration, its plugins, its scripts, and what plugins may ask for.
"""
