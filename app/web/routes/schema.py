"""The JSON Schema of council.yml for editors. It is public, because it reveals nothing about this server."""

from fastapi import APIRouter, Response

router = APIRouter()


@router.get("/schema/council.json")
async def schema() -> Response:
    """The schema in the form that SchemaStore accepts."""
    # Built per request, because the settings model takes memory that few visits need.
    from app.configuration.council_yml_schema import write_schema

    return Response(write_schema(), media_type="application/schema+json")
