"""What each command of a pull request does. `actions.py` maps a command to its function."""
