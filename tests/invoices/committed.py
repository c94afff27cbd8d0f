"""A database whose rows are really committed, for what only several connections can show.

It is a copy of the test database, dropped afterwards: tables that are never truncated cannot be emptied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql


@contextmanager
def committed_database() -> Iterator[None]:
    """Work in a database of its own, in all threads. The test is marked django_db; its own transaction is given up."""
    given_up = connections["default"]
    address = given_up.get_connection_params()
    original, copy = given_up.settings_dict["NAME"], f"{given_up.settings_dict['NAME']}_committed"
    given_up.close()  # nobody may be connected to a template
    _administer("DROP DATABASE IF EXISTS {copy} (FORCE)", address, original=original, copy=copy)
    _administer("CREATE DATABASE {copy} TEMPLATE {original}", address, original=original, copy=copy)
    given_up.settings_dict["NAME"] = copy
    del connections["default"]  # so that a new one is made, outside any transaction
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = given_up
        given_up.settings_dict["NAME"] = original
        _administer("DROP DATABASE {copy} (FORCE)", address, original=original, copy=copy)


def _administer(statement: str, address: dict[str, Any], *, original: str, copy: str) -> None:
    """Run a statement that concerns a whole database, from another one."""
    server = {name: address[name] for name in ("host", "port", "user", "password") if address.get(name)}
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as administrator:
        names = {"copy": sql.Identifier(copy), "original": sql.Identifier(original)}
        administrator.execute(sql.SQL(statement).format(**names))
