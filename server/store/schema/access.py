"""Who may use the server, and what was done with it: accounts, sessions, tokens, the audit log.

Nothing here opens a door to whoever reads the base: a password is a slow hash, a session, a token
and a one-time link are digests of what their holder alone has, and the secret of a second factor is
sealed with the server's own, which stands elsewhere.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.store.schema.metadata import Id, Instant, metadata

#: The people of the team. `roles` are words apart by spaces; no `password` until its invitation is
#: taken up; « * » of who comes in by the identity provider alone.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email_key", String(254), nullable=False, unique=True),  # folded
    Column("email", String(254), nullable=False),
    Column("name", String(120), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("password", String(255)),
    Column("factor", Text),  # the sealed secret of the second one
    Column("factor_step", BigInteger),  # the last step of time whose code was taken
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

#: What lets in whoever lost the second factor, once each.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), primary_key=True),
    sqlite_with_rowid=False,
)

#: Passkeys (WebAuthn): the public half of each, which signs nothing. `rp`: the name of the server that
#: each is bound to; `counter`: how often it said it was used; `handle`: whom it says it is of.
passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("credential", String(1400), nullable=False, unique=True),
    Column("public_key", Text, nullable=False),
    Column("handle", String(64), nullable=False),
    Column("rp", String(253), nullable=False),
    Column("name", String(120), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("passkeys_account", "account_id"),
)

#: Who people of the team are at the identity provider, by its own number of them (« sub »): one account
#: each, and one number an account.
provider_identities = Table(
    "provider_identities",
    metadata,
    Column("issuer", String(400), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("email", String(254), nullable=False),
    Column("bound_at", Instant, nullable=False),
    Column("used_at", Instant),
    UniqueConstraint("account_id", "issuer"),
    sqlite_with_rowid=False,
)

#: Challenges that were answered, until they would have been too old: none is answered twice.
spent_challenges = Table(
    "spent_challenges",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("spent_challenges_over", "expires_at"),
    sqlite_with_rowid=False,
)

#: Browsers that are signed in; `whole` once every factor asked for was given.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account_id", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("proved_at", Instant, nullable=False),  # when the password was last given
    Column("address", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Index("sessions_account", "account_id"),
)

#: Links that let in once: to whom, for what, until when. `account_id` None: who makes the first.
one_time_links = Table(
    "one_time_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("account_id", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

#: How often a sign-in failed, by whose account or from which address: digests tell neither.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index("sign_in_attempts_last", "last_at"),
    sqlite_with_rowid=False,
)

#: What lets a program in, one an integration.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("created_by", String(400), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

#: All that was done, in its order, and never written again: `mark` is the hash of the row and of the
#: mark before it, so that none is changed or taken out unseen.
audit_log = Table(
    "audit_log",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", String(400), nullable=False),
    Column("origin", String(120), nullable=False),
    Column("action", String(60), nullable=False),
    Column("object", String(400), nullable=False),
    Column("before", Text, nullable=False),  # JSON, an object
    Column("after", Text, nullable=False),  # JSON, an object
    Column("mark", String(64), nullable=False),
    Index("audit_log_action", "action", "number"),
)
