"""GraphQL documents, and the sandbox's own small schema, against GitHub's schema."""

from functools import cache

from graphql import GraphQLSchema, build_schema, is_interface_type, is_object_type, parse, validate

from app.sandbox.github.routes.graphql import SCHEMA
from tests.conformance.fetch import graphql_schema


@cache
def github() -> GraphQLSchema:
    """GitHub's schema, built once."""
    return build_schema(graphql_schema(), assume_valid=True, assume_valid_sdl=True)


def check_document(document: str) -> list[str]:
    """What GitHub would refuse in a document."""
    return [error.message for error in validate(github(), parse(document))]


def check_own_schema() -> list[str]:
    """Every type and field of the sandbox's schema must be GitHub's, with the same type and arguments."""
    theirs, problems = github().type_map, []
    for name, own in build_schema(SCHEMA).type_map.items():
        if name.startswith("__") or not (is_object_type(own) or is_interface_type(own)):
            continue
        other = theirs.get(name)
        if not (is_object_type(other) or is_interface_type(other)):
            problems.append(f"GitHub has no type {name}")
            continue
        for field, ours in own.fields.items():
            described = other.fields.get(field)
            if described is None or str(described.type) != str(ours.type):
                problems.append(f"{name}.{field} is {described.type if described else 'absent'} at GitHub, not {ours.type}")
                continue
            for argument, given in ours.args.items():
                wanted = described.args.get(argument)
                if wanted is None or str(wanted.type) != str(given.type):
                    problems.append(f"{name}.{field}({argument}) differs")
    return problems
