"""The forms of the project: what came by them, what was refused, how a site holds one."""
