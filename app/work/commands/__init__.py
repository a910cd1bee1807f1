"""What each command of a pull request does; `kinds.py` lists the job kinds, ACTS the commands."""
