"""Council without a server: one event of a GitHub Actions job, handled by the work of the server over an empty database."""
