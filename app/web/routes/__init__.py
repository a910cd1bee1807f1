"""The list of all routers, one file per group of pages. Add a new group here."""

from fastapi import APIRouter

from app.web import login
from app.web.routes import (
    admin,
    api,
    ask,
    channels,
    home,
    insights,
    keys,
    mcp,
    privacy,
    pulls,
    runs,
    schema,
    settings,
    setup,
    suggested_rules,
    tokens,
    usage,
)

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    home.router,
    settings.router,
    suggested_rules.router,
    channels.router,
    schema.router,
    keys.router,
    privacy.router,
    setup.router,
    admin.router,
    runs.router,
    pulls.router,
    insights.router,
    usage.router,
    ask.router,
    tokens.router,
    api.router,
    mcp.router,
)
