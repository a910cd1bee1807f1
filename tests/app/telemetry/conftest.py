"""The system of the pages' tests."""

from tests.app.web.conftest import system

__all__ = ["system"]
