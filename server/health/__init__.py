"""How the server is doing: decided here, once, for the status page, `/sante` and the command."""
