"""The database itself: SQLite and PostgreSQL, connections, dialects, copies."""
