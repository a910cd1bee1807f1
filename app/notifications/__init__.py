"""Messages outside of GitHub, one module per kind of channel. Add a kind of channel here."""
