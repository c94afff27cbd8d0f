"""The edge of a process on the command line: what a person reads, and the status, however it ends.

0 done · 1 the user's mistake, or something to be done again (said which) · 2 wrong usage · 130 Ctrl-C · 143 SIGTERM.
Our own bugs keep their traceback.
"""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from selfbilling.errors import Refused, Unavailable

_GONE = ("08", "53", "57P")
"""SQLSTATE classes: connection, insufficient resources (disk full), shutdown."""
_LACKING = ("42P01", "42703")
"""Undefined table, undefined column."""


def run(argv: Sequence[str]) -> int:
    """Run a management command, as manage.py does, and return the process's exit status."""
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        execute_from_command_line(list(argv))
        sys.stdout.flush()
    except (Refused, Unavailable) as error:
        say(str(error))
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from what is done.")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        if not _reader_has_left():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush is quiet
    except DatabaseError as error:
        what_to_do = remedy(error)
        if what_to_do is None:
            raise
        say(what_to_do)
    else:
        return 0
    return 1


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def _reader_has_left() -> bool:
    """Whether the pipe on our standard output has no reader any more (`| head`)."""
    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in watch.poll(0))


def remedy(error: DatabaseError) -> str | None:
    """What a person can do about a database's error; None where it is our bug."""
    state = getattr(error.__cause__, "sqlstate", None)
    first_line = str(error).strip().partition("\n")[0]
    if state is None and isinstance(error, OperationalError):
        return f"The database does not answer: {first_line}. Once it does, run the command again."
    if state and state.startswith(_GONE):
        return f"The database cannot go on: {first_line}. Once that is mended, run the command again."
    if state in _LACKING and _migrations_to_apply():
        return "The database is not up to date: run manage.py migrate, then the command again."
    return None


def _migrations_to_apply() -> bool:
    connection.close()  # its transaction is broken
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def say(message: str) -> None:
    """One line to the person, on stderr."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
