"""Measures the council's judgment on recorded reviews of other tools."""
