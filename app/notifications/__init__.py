"""Messages outside of GitHub and how they are sent: one file for each kind of channel. Add a channel here."""
