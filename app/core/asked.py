"""Many rows as one parameter: a statement about many is then the same text as one about a single row.

With a parameter or a part for each row it would be built and compiled anew for each number of them: 60 µs a row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Executable, FromClause, bindparam, cast, column, func, literal_column, select
from sqlalchemy.types import TypeEngine, UserDefinedType

from app.core.prepared import Prepared

#: Name of the parameter that takes the rows, each a tuple in the order of the columns.
ASKED = "asked"


def about_many(columns: Mapping[str, type[TypeEngine[Any]]], build: Callable[[FromClause], Executable]) -> Prepared:
    """The statement that ``build`` makes of a table with these columns, which is filled when it is run."""
    types = {name: kind() for name, kind in columns.items()}
    given = bindparam(ASKED, type_=_Rows(types))
    each = func.json_each(given).table_valued("value")
    found = [
        func.json_extract(each.c.value, literal_column(f"'$.{name}'"), type_=kind).label(name)
        for name, kind in types.items()
    ]
    row = [column(name, kind) for name, kind in types.items()]
    recordset = func.json_to_recordset(cast(given, JSON)).table_valued(*row)
    return Prepared(
        {
            "sqlite": build(select(*found).select_from(each).subquery(ASKED)),
            "postgresql": build(recordset.render_derived(name=ASKED, with_types=True)),
        }
    )


class _Rows(UserDefinedType[Iterable[tuple[Any, ...]]]):
    """Rows as JSON, each value in the form in which the database compares it with its columns."""

    cache_ok = False

    def __init__(self, types: Mapping[str, TypeEngine[Any]]) -> None:
        self.types = types  # SQLAlchemy copies a type by the names of its arguments

    def get_col_spec(self, **_given: Any) -> str:
        """As a text."""
        return "TEXT"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """To JSON."""
        kinds = ((name, kind.dialect_impl(dialect)) for name, kind in self.types.items())
        processors = [(name, kind.bind_processor(dialect) or _as_it_is) for name, kind in kinds]

        def process(rows: Iterable[tuple[Any, ...]]) -> str:
            named = [
                {name: convert(value) for (name, convert), value in zip(processors, row, strict=True)} for row in rows
            ]
            return json.dumps(named, default=datetime.isoformat)

        return process


def _as_it_is(value: Any) -> Any:
    return value
