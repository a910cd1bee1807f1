"""Deliveries and jobs: recorded, claimed, leased, ended."""
