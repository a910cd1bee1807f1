"""Settings of the server, `council.yml` of a repository, and the layers between them."""
