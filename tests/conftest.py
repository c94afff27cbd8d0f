"""What the whole suite stands on: the run's own database, and what a test needs from the machine."""

import os
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest
import pytest_django
from django.conf import settings
from django.db import connection

from selfbilling.embedded import NAME, use
from selfbilling.embedded.installation import Installation


def pytest_configure(config: pytest.Config) -> None:
    # Started in the background of a script we would ignore Ctrl-C, and so would every process that we try it on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "requires(*programs): skipped where one is missing; in CI a failure")
    if not _is_worker(config):
        _remove_what_killed_runs_left()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config) and not settings.DATABASE_URL:
        _leave_nothing_behind()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.requires("pdfsig")`: in CI no test is skipped."""
    for marker in item.iter_markers("requires"):
        missing = [program for program in marker.args if shutil.which(program) is None]
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"CI lacks {', '.join(missing)}: .ci/run installs what tests need")
        if missing:
            pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """After a test that committed, the tables are emptied: only here may the triggers that forbid it sleep."""
    if not settings.DATABASE_URL:
        with psycopg.connect(host=str(use.database(settings.DATA_DIR, durable=False)), user="postgres", dbname="postgres") as superuser:
            superuser.execute("SELECT pg_advisory_xact_lock(1)")  # several workers grant at once
            superuser.execute(f"GRANT SET ON PARAMETER session_replication_role TO {NAME}")
    flush = connection.ops.execute_sql_flush

    def flush_without_triggers(statements: Iterable[str]) -> None:
        flush(["SET LOCAL session_replication_role = replica", *statements])

    connection.ops.execute_sql_flush = flush_without_triggers  # type: ignore[assignment, method-assign]


def _is_worker(config: pytest.Config) -> bool:
    """Whether this is one of pytest-xdist's workers: the run's beginning and end are its controller's."""
    return hasattr(config, "workerinput")


def _leave_nothing_behind() -> None:
    use.let_go()
    installation = Installation(settings.DATA_DIR)
    if installation.folder.is_dir():
        use.stop_if_unused(installation)
    _remove(settings.DATA_DIR)


def _remove_what_killed_runs_left() -> None:
    for data_dir in settings.DATA_DIR.parent.glob("[0-9]*"):
        if data_dir != settings.DATA_DIR and not Path("/proc", data_dir.name).exists():
            _remove(data_dir)


def _remove(data_dir: Path) -> None:
    shutil.rmtree(Installation(data_dir).home, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
