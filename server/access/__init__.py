"""Who may use the server: accounts, sessions, roles, tokens, and the log of what was done.

Pages and programs' doors ask `callers` who asks; what they do of accounts goes through `team`,
`own_account`, `signing_in` and `integrations`, each of which writes it in the audit log with it.
"""
