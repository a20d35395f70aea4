"""Alembic's entry: it works on the connection `server.store.migrate` hands it."""

from alembic import context

from server.store.schema.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
