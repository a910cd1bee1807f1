"""Fits what the council learns from recorded reviews: the models of `reviewers/council/learned.json` and of the benchmarks."""
