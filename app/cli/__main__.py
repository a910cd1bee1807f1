"""`python -m app.cli` is `council`."""

from app.cli.main import main

main()
