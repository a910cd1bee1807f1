"""Model providers on loopback, with real wire formats and scripted models."""
