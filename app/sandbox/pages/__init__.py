"""Pages that show the sandbox as a person would see it on GitHub."""
