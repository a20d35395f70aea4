"""What every table of the schema shares: its place, and the types of ids and instants."""

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()

#: SQLite gives ids by itself to INTEGER PRIMARY KEY only, PostgreSQL wants BIGINT.
Id = BigInteger().with_variant(Integer, "sqlite")
Instant = BigInteger
