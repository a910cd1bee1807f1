"""Consultations: questions, answers, feedback, and the search of earlier answers."""
