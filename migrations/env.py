"""Alembic's environment: one history for core and all modules."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from alembic import context
from sqlalchemy import Engine, create_engine, event

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

#: The lock of whoever migrates: any number that nobody else takes.
ONE_AT_A_TIME = 7_310_620_126


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
    if engine.dialect.name == "sqlite":
        _in_one_transaction(engine)
    try:
        with engine.connect() as own:
            # All steps or none: whoever is killed at it has changed nothing.
            context.configure(
                connection=own, render_as_batch=own.dialect.name == "sqlite", transactional_ddl=True, **options
            )
            with context.begin_transaction():
                if own.dialect.name == "postgresql":
                    # Machines that start at the same moment: the second waits, and finds nothing left to do.
                    own.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
                context.run_migrations()
    finally:
        engine.dispose()  # Alembic keeps hold of it


def _in_one_transaction(engine: Engine) -> None:
    """Python's sqlite3 begins a transaction before changes of rows only, so it is told when."""

    @event.listens_for(engine, "connect")
    def by_hand(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


run()
