"""Alembic's environment: one history for core and all modules."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from alembic import context
from sqlalchemy import create_engine

import app.modules
from app.core import jobs, modules, settings, versions
from app.core.accounts import models
from app.core.database import Base, UTCDateTime, is_modelled
from app.core.privacy import models as privacy_models

#: Imported for the tables that they declare.
CORE = (jobs, models, modules, privacy_models, settings, versions)
for info in pkgutil.iter_modules(app.modules.__path__):
    if importlib.util.find_spec(f"app.modules.{info.name}.models"):
        importlib.import_module(f"app.modules.{info.name}.models")


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own types with their import, which Alembic leaves out."""
    if kind == "type" and isinstance(item, UTCDateTime):
        autogen_context.imports.add("from app.core.database import UTCDateTime")
        return "UTCDateTime()"
    return False


def run() -> None:
    """Migrate, over the given connection or the given address."""
    options: dict[str, Any] = {
        "target_metadata": Base.metadata,
        "render_item": render_item,
        "include_name": is_modelled,
        "compare_type": True,
    }
    connection = context.config.attributes.get("connection")
    if connection is not None:
        context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite", **options)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(context.config.attributes["url"])
    try:
        with engine.connect() as own:
            context.configure(connection=own, render_as_batch=own.dialect.name == "sqlite", **options)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()  # Alembic keeps hold of it


run()
