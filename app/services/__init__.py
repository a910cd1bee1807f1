"""Assembles the services of each process: the web process, the worker, and the local council without a queue."""
