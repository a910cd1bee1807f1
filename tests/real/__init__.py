"""Council with a real small model on this machine, which shows what no scripted model does."""
