"""The database: tables, queries and migrations. It is the source of truth."""
