"""The council: turns a snapshot of a pull request into a verdict."""
