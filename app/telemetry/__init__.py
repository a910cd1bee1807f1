"""What operators see of a process from outside: durations for Prometheus, and traces where an operator turned them on."""
