"""One file a job kind, and the worker that runs them."""
