"""Repositories as Council reads them: mirrors of GitHub's, the index of a commit, and the view that answers looks."""
