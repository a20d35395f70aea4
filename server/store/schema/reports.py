"""Reports that somebody saved, who receives them by mail, and each mail of them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from server.store.schema.metadata import Id, Instant, metadata, partial

#: The mails that somebody is to send, or is sending: both stores must see the same words.
UNSETTLED = "state IN ('pending', 'sending')"

saved_reports = Table(
    "saved_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_key", String(120), nullable=False, unique=True),  # folded
    Column("account_id", BigInteger, nullable=False),  # whose it is
    Column("report", String(64), nullable=False),  # the word it is asked by
    Column("subject", Text, nullable=False),  # of what it is; empty: of all
    Column("campaign", Text, nullable=False),  # of those alone who entered it
    Column("pace", String(16), nullable=False),
    Column("days", String(32), nullable=False),  # `server.reports.relative_days`
    Column("compared", Boolean, nullable=False),  # beside the time before
    Column("saved_at", Instant, nullable=False),
    Column("cron", String(40)),  # when it is mailed; NULL: it is not
    Column("attached", String(8), nullable=False),  # « .xlsx », « .csv », or nothing
    Column("due_at", Instant),
    Column("fault", Text),  # why the last mail could not be
    partial("saved_reports_due", "due_at", where="due_at IS NOT NULL"),
)

#: To whose accounts each is mailed.
saved_report_readers = Table(
    "saved_report_readers",
    metadata,
    Column("report_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: One mail a date and a person: what makes a date of which the mail left leave no other.
report_mails = Table(
    "report_mails",
    metadata,
    Column("report_id", BigInteger, primary_key=True, autoincrement=False),
    Column("due_at", Instant, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("missed", Integer, nullable=False),  # the dates before this one that it makes up for
    # pending, sending, sent, failed, doubtful, cancelled
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),  # when it is to be tried; NULL once settled
    Column("settled_at", Instant),
    Column("reason", Text),
    Column("fault", Text),  # it says that the report could not be made, and why
    partial("report_mails_unsettled", "next_at", where=UNSETTLED),
    Index("report_mails_settled", "settled_at"),
    sqlite_with_rowid=False,
)
