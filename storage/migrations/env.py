"""Alembic's entry: migrates on the connection that `storage.schema.version.upgrade` passes in, in its transaction."""

from alembic import context

from storage.schema.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
