"""Many rows at once: COPY, since bulk_create is five times slower (15,000 invoices with their lines)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """COPY rows into a model's table, in the caller's transaction; returns how many.

    rows: by column name, the same columns in each; a list or dict becomes JSON. Triggers and constraints see them all.
    """
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return 0
    columns = list(first)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    # Django wraps what its own cursor methods raise; COPY is psycopg's alone.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        row: Mapping[str, Any] | None = first
        while row is not None:
            copy.write_row([json.dumps(row[c]) if isinstance(row[c], list | dict) else row[c] for c in columns])
            count += 1
            row = next(iterator, None)
    return count
