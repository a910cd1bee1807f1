"""What we send and what the sandbox answers, against GitHub's own descriptions."""
