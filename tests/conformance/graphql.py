"""Checks our GraphQL documents against GitHub's schema, and the answers against the documents."""

from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Visitor,
    build_schema,
    execute_sync,
    parse,
    validate,
    visit,
)

from tests.conformance.recording import Seen


class GraphQLDescription:
    """GitHub's schema."""

    def __init__(self, text: str) -> None:
        self._schema: GraphQLSchema = build_schema(text, assume_valid=True)

    def check_document(self, sent: Any) -> list[str]:
        """The problems of a request: its document, then its variables."""
        try:
            document = parse(sent["query"])
        except GraphQLSyntaxError as error:
            return [error.message]
        return [error.message for error in validate(self._schema, document)]

    def check_answer(self, seen: Seen) -> list[str]:
        """The problems of an answer: GitHub's schema executes the document on it, and must return the same."""
        if seen.status != 200 or not isinstance(seen.answer, dict):
            return [f"status {seen.status} is no GraphQL answer"]
        found = [f"unknown key {key!r}" for key in seen.answer.keys() - {"data", "errors", "extensions"}]
        found += [f"an error without a message: {each}" for each in seen.answer.get("errors", ()) if not each.get("message")]
        if seen.answer.get("data") is None:
            return found if seen.answer.get("errors") else [*found, "neither data nor errors"]
        document, data = parse(seen.sent["query"]), seen.answer["data"]
        done = execute_sync(
            self._schema,
            document,
            data,
            variable_values=seen.sent.get("variables"),
            field_resolver=_given,
            type_resolver=_chooser(document),
        )
        found += [f"{'.'.join(map(str, error.path or ()))}: {error.message}" for error in done.errors or ()]
        return found if found or done.data == data else [f"more was answered than asked for: {data} instead of {done.data}"]


def _given(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    """The answered field, by its alias."""
    if info.path.key not in source:
        raise KeyError(f"{info.path.key} was asked for and not answered")
    return source[info.path.key]


def _chooser(document: DocumentNode) -> Any:
    """The type of an answered object: the one that a fragment names, if the object has a field for it."""
    named: list[str] = []

    class Conditions(Visitor):
        def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
            named.append(node.type_condition.name.value)

        def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
            if node.type_condition:
                named.append(node.type_condition.name.value)

    visit(document, Conditions())

    def choose(value: Any, info: GraphQLResolveInfo, abstract: GraphQLAbstractType) -> str | None:
        possible = [each.name for each in info.schema.get_possible_types(abstract)]
        told = value.get("__typename")
        wanted = [each for each in possible if each in named]
        others = [each for each in possible if each not in named]
        return told or next(iter(wanted if value else others), None)

    return choose
