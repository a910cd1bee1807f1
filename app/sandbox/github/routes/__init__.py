"""The REST routes, as one table."""

from app.sandbox.github.exchange import Route
from app.sandbox.github.routes import actions, apps, checks, code, graphql, issues, pulls, reviews, users


def all_routes() -> tuple[Route, ...]:
    """Every route, in the order of matching."""
    tables = (apps, pulls, reviews, issues, code, checks, actions, users, graphql)
    return tuple(route for table in tables for route in table.ROUTES)
