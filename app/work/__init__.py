"""The worker and its job handlers, one module per kind of job."""
