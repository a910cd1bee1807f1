"""`python -m app.cli` is `council`."""

from app.cli.entry import main

main()
