"""A stateful GitHub and model providers on loopback, for the demo, the tests and the benchmarks."""
