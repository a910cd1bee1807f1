"""The system of the pages' tests."""

from tests.app.web.conftest import house

__all__ = ["house"]
