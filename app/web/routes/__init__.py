"""Every group of pages, by name: one file a group, and a line here."""

from fastapi import APIRouter

from app.web import login
from app.web.routes import api, ask, home, insights, runs, tokens, usage

ROUTERS: tuple[APIRouter, ...] = (
    login.router,
    home.router,
    runs.router,
    insights.router,
    usage.router,
    ask.router,
    tokens.router,
    api.router,
)
