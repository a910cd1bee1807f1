"""What somebody asks for: turns a delivery into jobs."""
