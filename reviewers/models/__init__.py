"""How the council calls a language model."""
