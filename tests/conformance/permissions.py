"""Checks that the product uses each of the App's permissions: people must not be asked for an unused one."""

from collections.abc import Iterable, Mapping

from app.sandbox.github.exchange import Route
from tests.conformance.report import Report


def check_permissions(granted: Mapping[str, str], needed: Iterable[str], report: Report) -> None:
    """Fail for a permission of `app.yml` that no request of the product needed at its level.

    `needed` are such as "checks:write", GraphQL's fields included. Every App has `metadata: read`, requested or not.
    """
    used = set(needed)
    for permission, level in granted.items():
        is_used = f"{permission}:{level}" in used or permission == "metadata"
        report.add("permissions used", f"{permission}: {level}", [] if is_used else ["no story of the product needs it"])


def list_unused(routes: Iterable[Route], operations: Iterable[str]) -> list[str]:
    """The operations that the App's permissions allow and no story of the product uses."""
    asked = set(operations)
    return [f"{route.method} {route.path}" for route in routes if ":" in route.needs and route.handler.__name__ not in asked]
