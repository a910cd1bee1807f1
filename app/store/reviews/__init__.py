"""Runs of reviews and what they leave: findings, decisions, outcomes, posts, answers of models."""
