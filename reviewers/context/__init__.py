"""The snapshot that a council sees, and how it becomes a prompt."""
