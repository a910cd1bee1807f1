"""What earlier outcomes teach: how reliable a seat is, and which seats err alike."""
