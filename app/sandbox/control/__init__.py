"""Controls a running sandbox over HTTP: the routes under `/_sandbox`, and a typed client for them."""

from app.sandbox.control.client import Control, PullState, running

__all__ = ["Control", "PullState", "running"]
