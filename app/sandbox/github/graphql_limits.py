"""The queries that GitHub's GraphQL rejects, and what it leaves out of an answer that took too long.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
"""

import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    IntValueNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)

from app.sandbox.github.exchange import SandboxResponse
from app.sandbox.github.graphql_schema import check_query, schema
from app.sandbox.github.limits import UsedUp

MOST_A_PAGE = 100
MOST_NODES = 500_000
LATE = "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."


def used_up(refused: UsedUp) -> SandboxResponse:
    """GraphQL's error for a used-up hour, with status 200."""
    return SandboxResponse({"errors": [{"type": "RATE_LIMITED", "message": refused.message}]}, headers=refused.headers)


def find_unbounded(query: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
    """Why a query asks for too much. Every list needs a limit of at most 100, and all together may have at most 500,000 nodes."""
    document = check_query(query).document
    if document is None:
        return None
    types = TypeInfo(schema())
    pages = _Pages(types, variables)
    visit(document, TypeInfoVisitor(types, pages))
    if pages.problem is None and pages.nodes > MOST_NODES:
        message = f"This query requests up to {pages.nodes:,} possible nodes which exceeds the maximum limit of {MOST_NODES:,}."
        return {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}
    return pages.problem


class _Pages(Visitor):
    """Counts the nodes of nested lists, and keeps the first list without a limit."""

    def __init__(self, types: TypeInfo, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._types = types
        self._variables = variables
        self._sizes: list[int] = []
        self.nodes = 0
        self.problem: dict[str, Any] | None = None

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if not self._is_list():
            return
        name = node.name.value
        sizes = [self._number(each.value) for each in node.arguments or () if each.name.value in {"first", "last"}]
        size = sizes[0] if sizes else None
        if size is None:
            kind, text = (
                "MISSING_PAGINATION_BOUNDARIES",
                f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
            )
        elif not 1 <= size <= MOST_A_PAGE:
            kind = "EXCESSIVE_PAGINATION"
            text = f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of {MOST_A_PAGE} records."
        else:
            kind = text = ""
        if kind and self.problem is None:
            self.problem = {"type": kind, "message": text}
        self._sizes.append((self._sizes[-1] if self._sizes else 1) * (size or 1))
        self.nodes += self._sizes[-1]

    def leave_field(self, *_: object) -> None:
        if self._is_list():
            self._sizes.pop()

    def _is_list(self) -> bool:
        kind = self._types.get_type()
        return kind is not None and get_named_type(kind).name.endswith("Connection")

    def _number(self, value: object) -> int | None:
        if isinstance(value, VariableNode):
            found = self._variables.get(value.name.value)
            return found if isinstance(found, int) else None
        return int(value.value) if isinstance(value, IntValueNode) else None


def lose(body: dict[str, Any], query: str, variables: dict[str, Any], pattern: str) -> bool:
    """Remove every value of a repository whose argument matches `pattern`, as GitHub does when time runs out."""
    lost = False
    taken: dict[str, Any] = (body.get("data") or {}).get("repository") or {}
    for field in _repository_fields(query):
        given = [str(variables.get(node.value.name.value)) for node in field.arguments or () if isinstance(node.value, VariableNode)]
        name = field.alias.value if field.alias else field.name.value
        if name in taken and any(re.search(pattern, value) for value in given):
            taken[name] = None
            body.setdefault("errors", []).append({"message": LATE, "path": ["repository", name]})
            lost = True
    return lost


def _repository_fields(query: str) -> list[FieldNode]:
    """The fields that a query requests of `repository`."""
    document = check_query(query).document
    tops = [
        top
        for definition in (document.definitions if document else ())
        if isinstance(definition, OperationDefinitionNode)
        for top in definition.selection_set.selections
    ]
    within = [top.selection_set.selections for top in tops if isinstance(top, FieldNode) and top.selection_set]
    return [field for each in within for field in each if isinstance(field, FieldNode)]
