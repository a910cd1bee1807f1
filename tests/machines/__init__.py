"""State machines that hypothesis drives against the store, each next to a handwritten model."""
