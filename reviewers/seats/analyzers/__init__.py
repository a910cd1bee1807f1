"""Static analyzers as members of the council."""
