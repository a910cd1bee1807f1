"""The shell: everything that can fail."""
