"""Council without a server: handles one event of a GitHub Actions job with the server's code and an empty database."""
