"""What operators see of a process from outside: durations for Prometheus, and traces if an operator turned them on."""
