"""Tables, queries and migrations, for SQLite and PostgreSQL.

`store` opens the database and gives out transactions; `connect` knows how each one is reached
(`memory`, `handover` and `sole` for SQLite); `tables` is the schema, `fields` the columns that a
project adds to it. The rest is what is written or read often: `arrivals`, `leads`, `merges`.
"""
