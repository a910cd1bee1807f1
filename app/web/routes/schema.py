"""The JSON Schema of council.yml, for editors: public, because it says nothing of this server."""

from fastapi import APIRouter, Response

router = APIRouter()


@router.get("/schema/council.json")
async def schema() -> Response:
    """The schema, in the form that SchemaStore takes."""
    # Made when it is asked for: the model of the settings costs a web process memory that few visits need.
    from app.github.config_schema import write_schema

    return Response(write_schema(), media_type="application/schema+json")
