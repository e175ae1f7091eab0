"""A database of a PostgreSQL server: how it is opened, asked and written to."""
