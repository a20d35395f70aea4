"""What every table of the schema shares: its place, ids and instants, indexes of some rows."""

from sqlalchemy import BigInteger, Index, Integer, MetaData, text

metadata = MetaData()

#: SQLite gives ids by itself to INTEGER PRIMARY KEY only, PostgreSQL wants BIGINT.
Id = BigInteger().with_variant(Integer, "sqlite")
Instant = BigInteger


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that answer `where`, in the words queries must use too."""
    return Index(
        name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )
