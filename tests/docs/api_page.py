"""The reference of the HTTP API: change here how the page is laid out; operations and types come from its OpenAPI description."""

from app.web.routes.api import describe_api
from app.web.views.api_reference import ApiField, describe_operations, describe_types
from tests.docs.markdown import code, fence, prose, table

_ORIGIN = "https://council.example.com"
_HEAD = prose("""
# HTTP API

Make a token for one repository on the page `/tokens` of your server and send it as `Authorization: Bearer …`. A server
shows this page at `/api/v1` and serves the OpenAPI description at `/api/v1/openapi.json`.
""")


def write() -> str:
    """The page."""
    schema = describe_api()
    parts = [_HEAD]
    for operation in describe_operations(schema, _ORIGIN):
        parts.append(f"## {operation.method} {operation.path}\n\n{' '.join((operation.about or operation.summary).split())}\n\n")
        if operation.fields:
            columns = ("field", "in", "type", "limits")
            rows = [(_name(each), each.place, each.kind, each.limits) for each in operation.fields]
            parts.append(f"{table(columns, rows)}\n")
        parts.append(f"{fence(operation.request, 'console')}\nAnswers {operation.status} with [`{operation.answer}`](#types):\n\n")
        parts.append(f"{fence(operation.response, 'json')}\n")
    parts.append("## Types\n\n")
    for kind in describe_types(schema):
        about = " ".join(kind.about.split())
        parts.append(f"### {kind.name}\n\n{about + chr(10) * 2 if about else ''}")
        parts.append(table(("field", "type", "limits"), [(code(each.name), each.kind, each.limits) for each in kind.fields]) + "\n")
    return "".join(parts).rstrip("\n") + "\n"


def _name(field: ApiField) -> str:
    return f"`{field.name}`" + (" (required)" if field.required else "")
