"""Questions to the council, from a comment or from a page, and feedback on the answers."""
