"""The tables, by subject. No row leaves `app.store`."""
