"""A scene: an installation of its own, whose commands are real processes, stopped at a wanted point by a lock of the test's.

The process runs into the lock, PostgreSQL says so, and the test kills it there: no sleep, and no line of the product changed.
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.faults.processes import PROJECT, Ended, Process
from tests.selfbilling.users import connect

MONTH = "2026-10"
ISSUED_ON = "2026-11-02"
SAMPLE = PROJECT / "tests" / "sample"
CAMILLE = "camille@example.org"
DOMINIQUE = "dominique@example.org"
ISSUE = ("issue", MONTH, "--issue-date", ISSUED_ON)
_IN_ONE_PROCESS = """
import json, sys
import django
django.setup()
from django.core.management import call_command
for command in json.loads(sys.argv[1]):
    call_command(*command)
"""
_WITH_SMALLER_PARTS = """
import sys
import django
django.setup()
from invoices import checking, issuing, working
from invoices.management import waiting
from selfbilling import edge
issuing._AT_ONCE, working.AT_ONCE, waiting._NOT_WORTH_PROCESSES, checking._NOT_WORTH_PROCESSES = 10, 10, 0, 0
sys.exit(edge.run(["manage.py", *sys.argv[1:]]))
"""
"""The command as it is, on forty relays as if they were thousands: several transactions, and processes that share them."""


@dataclass
class Scene:
    """A database of its own in the test run's cluster, and a DATA_DIR. sockets: the cluster's."""

    folder: Path
    sockets: str
    database: str
    environment: dict[str, str] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"
        self.archive = self.data_dir / "archive"
        address = f"postgresql://selfbilling@{quote(self.sockets, safe='')}/{self.database}"
        production = {
            "SECRET_KEY": "x" * 50,
            "OPERATOR_SERIES": "RR",
            "ALLOW_DEMO": "yes",
            "DJANGO_SETTINGS_MODULE": "selfbilling.settings",
        }
        self.environment |= {"PATH": os.environ["PATH"], "DATA_DIR": str(self.data_dir), "DATABASE_URL": address} | production

    # Processes

    def start(self, *arguments: str, **environment: str) -> Process:
        """Start `manage.py` with these arguments."""
        return self._start([PROJECT / "manage.py", *arguments], environment)

    def start_in_parts(self, *arguments: str) -> Process:
        """The same with small transactions, and processes of its own for them."""
        return self._start(["-c", _WITH_SMALLER_PARTS, *arguments], {})

    def start_worker(self, name: str = "one") -> Process:
        """A Celery worker with its beat, once it is ready."""
        options = ["--beat", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO", "--hostname", name]
        schedule = ["--schedule", str(self.folder / f"beat-{name}")]
        worker = self._start(["-m", "celery", "-A", "selfbilling", "worker", *options, *schedule], {})
        for _ in worker.runs():
            if f"{name} ready." in worker.said():
                break
        return worker

    def send(self, task: str, *arguments: object) -> None:
        """Send a worker a message, from a process of its own."""
        self.done("shell", "-v", "0", "-c", f"from selfbilling.celery import app; app.send_task({task!r}, {arguments!r}, retry=False)")

    def _start(self, arguments: Sequence[str | Path], environment: dict[str, str]) -> Process:
        name = f"{len(self.started):02d}"
        process = Process([sys.executable, *arguments], environment=self.environment | environment, folder=self.folder, name=name)
        self.started.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> Ended:
        """Run `manage.py` to its end."""
        return self.start(*arguments, **environment).ended()

    def done(self, *arguments: str, **environment: str) -> str:
        """Run `manage.py`, which must succeed; what it printed."""
        ended = self.run(*arguments, **environment)
        assert ended.status == 0, ended.err
        return ended.out

    def prepare(self, *commands: Sequence[str]) -> None:
        """Run several commands, which must succeed, in one process."""
        ended = self._start(["-c", _IN_ONE_PROCESS, json.dumps(commands)], {}).ended()
        assert ended.status == 0, ended.err

    def end(self) -> None:
        """End what a failed test left, and forget the database."""
        for process in self.started:
            process.kill_all()
        with connect(self.sockets, dbname="postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    # The database

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of the test's own, without transaction."""
        return connect(self.sockets, dbname=self.database)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def count(self, table: str, where: str = "true") -> int:
        return int(self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    @contextlib.contextmanager
    def holding(self, sql: str) -> Iterator["Lock"]:
        """Run that SQL, and hold the locks that it takes until the end, or until they are released."""
        with self.connect() as connection:
            lock = Lock(connection)
            connection.execute("BEGIN")
            connection.execute(sql)
            yield lock
            lock.release()
        self.wait_for_orphans()

    def stopped_at(self, lock: "Lock", process: Process, *, transactions: int = 1) -> None:
        """Wait until that process, or those that work for it, wait for the lock with so many transactions."""
        with self.connect() as watch:
            for _ in process.runs():
                if lock.stops(watch) >= transactions:
                    return

    def wait_for_orphans(self) -> None:
        """Wait until PostgreSQL has noticed which of its clients were killed (while one waits for a lock, it does not)."""
        orphans = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        living = any(process.popen.poll() is None for process in self.started)
        with self.connect() as watch:
            while not living and watch.execute(orphans).fetchone():
                pass


class Lock:
    """Locks that a transaction of the test's own holds."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._pid = connection.info.backend_pid

    def release(self) -> None:
        """Let go: nothing is written."""
        self._connection.execute("ROLLBACK")

    def stops(self, watch: psycopg.Connection[Any]) -> int:
        """How many transactions wait for it."""
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND %s = ANY(pg_blocking_pids(pid))"
        (count,) = watch.execute(blocked, [self._pid]).fetchone() or (0,)
        return int(count)

    def pass_on_to(self, sql: str, watch: psycopg.Connection[Any], next_one: psycopg.Connection[Any]) -> "Lock":
        """Let go, so that whom it stops comes as far as the end of its transaction; there the next one's locks stop it.

        The next one queues for what that transaction already has, and so gets it at its end, before anybody else.
        """
        successor = Lock(next_one)
        next_one.execute("BEGIN")
        queue = threading.Thread(target=next_one.execute, args=[sql])
        queue.start()
        waits = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
        while not watch.execute(waits, [successor._pid]).fetchone():
            assert queue.is_alive(), "nothing stops the next one: the process has not been there yet"
        self.release()
        queue.join()
        return successor
