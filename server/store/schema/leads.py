"""Who is known: leads, what identifies them, their fields, lists and tags."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata, partial

leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    # The lead it was found to be; 0, which is nobody: the person was forgotten.
    Column("merged_into", BigInteger),
    Column("score", Integer, nullable=False, server_default="0"),
    # What it was made with: how surely it is so (`relance.proof`), as of when (NULL: `created_at`).
    Column("proof", SmallInteger, nullable=False, server_default="1"),
    Column("told_at", Instant),
    Column("f_courriel", Text),
    Column("f_prenom", Text),
    Column("f_nom", Text),
    Column("f_telephone", Text),
    Column("f_cellulaire", Text),
    Column("f_ville", Text),
    Column("f_langue", Text),
    Column("f_date_de_naissance", Date),
    Column("f_fuseau", Text),
    Column("f_vendeur", Text),  # the person of the team it is assigned to
    # Those that were found to be another one.
    partial("leads_merged", "merged_into", where="merged_into IS NOT NULL"),
)

identities = Table(
    "identities",
    metadata,
    Column("kind", String(16), primary_key=True),  # email, phone, visitor
    Column("value", Text, primary_key=True),
    Column("lead_id", BigInteger, nullable=False, index=True),
    # `relance.proof`; 0: a browser that followed a link sent to the lead, and proves no more.
    Column("proof", SmallInteger, nullable=False, server_default="1"),
    sqlite_with_rowid=False,
)

lead_fields = Table(
    "lead_fields",
    metadata,
    Column("key", String(64), primary_key=True),  # folded name
    Column("name", Text, nullable=False),
    Column("column", String(80), nullable=False, unique=True),
    Column("type", String(16), nullable=False),
    Column("choices", Text),  # JSON array, for « choix »
)

lists = Table(
    "lists",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

list_members = Table(
    "list_members",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("list_key", String(200), primary_key=True),
    Column("since", Instant, nullable=False),
    Index("list_members_by_list", "list_key", "lead_id"),
    # Who came last, and how many came between two days.
    Index("list_members_lately", "list_key", "since"),
    sqlite_with_rowid=False,
)

lead_tags = Table(
    "lead_tags",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_key", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: What was told of a lead and found no place on it, and why; 0 for what is nobody's (a form no rule
#: hears). One row a lead, source, field and reason: what is told again counts up.
leftovers = Table(
    "leftovers",
    metadata,
    Column("lead_id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(200), primary_key=True),
    Column("field", String(200), primary_key=True),
    Column("reason", String(16), primary_key=True),  # server.store.leftovers.Reason
    Column("value", Text, nullable=False),  # the last one, cut
    Column("at", Instant, nullable=False, index=True),
    Column("times", Integer, nullable=False),
    sqlite_with_rowid=False,
)
