"""Reviews of pull requests, from the job to the posted comment, and what follows a published review."""
