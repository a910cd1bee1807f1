"""Drive a running sandbox over HTTP: the doors under `/_sandbox`, and a typed client for them."""

from app.sandbox.control.client import Control, PullState, running

__all__ = ["Control", "PullState", "running"]
