"""Django's PostgreSQL backend that starts the embedded server at the first connection and keeps its database migrated."""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from selfbilling import embedded
from selfbilling.embedded import migrating, use
from selfbilling.embedded.backend.client import DatabaseClient

_up_to_date: set[str] = set()


class DatabaseWrapper(base.DatabaseWrapper):
    """HOST is the installation's DATA_DIR; the folder of the socket is known once the server runs."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with the running server's address. Raises Unavailable."""
        params: dict[str, Any] = super().get_connection_params()
        sockets = use.database(Path(params["host"]), durable=self.settings_dict["DURABLE"])
        return params | {"host": str(sockets), "port": "5432"}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection; the installation's own database is brought up to date first (tests migrate theirs themselves)."""
        connection = super().get_new_connection(conn_params)
        data_dir = self.settings_dict["HOST"]
        if conn_params["dbname"] == embedded.NAME and data_dir not in _up_to_date:
            migrating.bring_up_to_date(connection, Path(data_dir))
            _up_to_date.add(data_dir)
        return connection
