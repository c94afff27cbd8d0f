"""psql for `manage.py dbshell`: the wheel's own, on the embedded server's socket."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import client

from selfbilling.embedded import programs, use
from selfbilling.embedded.installation import Account


class DatabaseClient(client.DatabaseClient):
    """Django's, with the running server's address and the program of the same version."""

    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict: dict[str, Any], parameters: Iterable[str]) -> Any:
        """The command line of psql and its environment."""
        sockets = use.database(Path(settings_dict["HOST"]), durable=settings_dict["DURABLE"])
        args, env = super().settings_to_cmd_args_env(settings_dict | {"HOST": str(sockets)}, parameters)
        ourselves = Account(uid=os.geteuid(), gid=os.getegid())
        return [str(programs.postgres(ourselves, version=None) / "psql"), *args[1:]], env
