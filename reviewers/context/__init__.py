"""The snapshot a council sees, and how it is shown to a model."""
