"""Council against a real small model on this machine: what no scripted model shows."""
