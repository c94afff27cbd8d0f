"""A database whose rows are really committed, for what only several connections can show.

It is a copy of the test database, dropped afterwards: tables that are never truncated cannot be emptied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql


@contextmanager
def committed_database(blocker: Any) -> Iterator[None]:
    """Work in a database of its own. blocker: pytest-django's django_db_blocker."""
    with blocker.unblock():
        original = connection.settings_dict["NAME"]
        copy = f"{original}_committed"
        _administer(sql.SQL("DROP DATABASE IF EXISTS {copy} (FORCE)"), original=original, copy=copy)
        _administer(sql.SQL("CREATE DATABASE {copy} TEMPLATE {original}"), original=original, copy=copy)
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
            _administer(sql.SQL("DROP DATABASE {copy} (FORCE)"), original=original, copy=copy)


def _administer(statement: sql.SQL, *, original: str, copy: str) -> None:
    """Run a statement beside all databases; nobody may be connected to a template meanwhile."""
    parameters = connection.get_connection_params()
    connection.close()
    address = {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}
    with psycopg.connect(dbname="postgres", autocommit=True, **address) as administrator:
        administrator.execute(statement.format(copy=sql.Identifier(copy), original=sql.Identifier(original)))
