"""Every group of pages, by name: one file a group, and a line here."""

from fastapi import APIRouter

from app.web import login
from app.web.routes import admin, home, settings, setup

ROUTERS: tuple[APIRouter, ...] = (login.router, home.router, settings.router, setup.router, admin.router)
