"""Alembic's way in: the connection, and its transaction, are given by endpoint.migrate."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
