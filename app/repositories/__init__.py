"""Repositories as Council looks around in them: the index of a commit, its cache, and the view that answers looks."""
