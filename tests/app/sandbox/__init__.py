"""Stories about the sandbox."""
