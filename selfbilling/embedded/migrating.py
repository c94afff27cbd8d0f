"""An embedded database is migrated by the first command that needs it, and after each newer checkout."""

import fcntl
import os
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from selfbilling.embedded.installation import Installation
from selfbilling.errors import Unavailable

LEFT_ALONE = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "optimizemigration"}
"""Commands about migrations: they find the database as it is."""
_migrating: list[int] = []


def bring_up_to_date(connection: Any, data_dir: Path) -> None:
    """Apply the migrations that this database lacks, in a process of their own. connection: psycopg's. Raises Unavailable.

    A process that is itself `manage.py migrate` takes the lock instead and keeps it: two of them follow each other.
    """
    installation = Installation(data_dir)
    command = sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py" else ""
    if command == "migrate" and not _migrating:
        _migrating.append(installation.open_lock("migrating"))
        fcntl.flock(_migrating[0], fcntl.LOCK_EX)
    if command in LEFT_ALONE:
        return
    with installation.locked("migrating", kind=fcntl.LOCK_SH):
        missing = _on_disk() - _applied(connection)
    if missing:
        sys.stderr.write(f"Migrating the database ({len(missing)} to apply)\n")
        _migrate(data_dir)


def _on_disk() -> set[tuple[str, str]]:
    """The migrations of this checkout: (app, name)."""
    found = set()
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        if module is None:
            continue
        try:
            folder = getattr(import_module(module), "__path__", [])
        except ModuleNotFoundError:
            continue  # an app without migrations
        found |= {(app.label, info.name) for info in pkgutil.iter_modules(folder) if info.name[0] not in "_~"}
    return found


def _applied(connection: Any) -> set[tuple[str, str]]:
    """The migrations that the database knows as applied."""
    try:
        if connection.execute("SELECT to_regclass('django_migrations')").fetchone()[0] is None:
            return set()
        return {(app, name) for app, name in connection.execute("SELECT app, name FROM django_migrations").fetchall()}
    finally:
        connection.rollback()


def _migrate(data_dir: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["DATA_DIR"] = str(data_dir)
    command: list[str | Path] = [sys.executable, settings.BASE_DIR / "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    done = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Unavailable("The database could not be migrated, for the reason above: mend it, then run the command again")
