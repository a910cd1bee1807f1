"""What each command of a pull request does. `kinds.py` lists the kinds of jobs, ACTS the commands."""
