"""Model providers on loopback: real wire formats, scripted minds."""
