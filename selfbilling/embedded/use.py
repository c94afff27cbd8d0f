"""Using the services: a shared lock for as long as this process and its forked children live; the last one out stops them."""

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from selfbilling.embedded import guardian, postgres, processes, valkey
from selfbilling.embedded.installation import Installation
from selfbilling.errors import Unavailable

_PROJECT = Path(__file__).resolve().parents[2]
_mutex = threading.Lock()
os.register_at_fork(before=_mutex.acquire, after_in_parent=_mutex.release, after_in_child=_mutex.release)
_held: dict[Path, int] = {}


def database(data_dir: Path, *, durable: bool = True) -> Path:
    """The folder of the database's socket; the database is made and started where it is not. Raises Unavailable."""
    with _using(data_dir) as (installation, lock):
        return postgres.ensure(installation, durable=durable, lock=lock)


def broker(data_dir: Path) -> Path:
    """The broker's socket; it is started where it does not answer. Raises Unavailable."""
    with _using(data_dir) as (installation, _):
        return valkey.ensure(installation)


def broker_answers(data_dir: Path) -> bool:
    """Whether a broker runs now; starts nothing."""
    installation = Installation(data_dir)
    return installation.home.is_dir() and (installation.home / "run").exists() and valkey.answers(installation.sockets / valkey.SOCKET)


@contextlib.contextmanager
def _using(data_dir: Path) -> Iterator[tuple[Installation, int]]:
    """Be a user from now on, and hold the lock under which one process at a time looks and starts."""
    installation = Installation(data_dir)
    try:
        with _mutex:
            installation.make_data_dir()
            if data_dir not in _held:
                _enter(installation)
            with installation.locked("starting") as lock:
                installation.settle()
                if guardian.living(installation) is None:
                    _post_guardian(installation)
                yield installation, lock
    except OSError as error:
        raise Unavailable(f"The embedded services cannot run under {data_dir}: {error.strerror} ({error.filename})") from error


def _enter(installation: Installation) -> None:
    """Take the shared lock; waits while the last user before us is stopping the services."""
    descriptor = installation.open_lock("users")
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[installation.data_dir] = descriptor


def _post_guardian(installation: Installation) -> None:
    """Start the guardian, and wait until it listens."""
    with (installation.folder / "guardian.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "selfbilling.embedded.guardian", installation.data_dir],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(_PROJECT)},
            start_new_session=True,
        )
    processes.adopt(process)
    assert process.stdout is not None
    with process.stdout:
        if process.stdout.readline() != b"ready\n":
            raise Unavailable(f"The embedded services' guardian did not start (its log: {log.name})")


def let_go() -> None:
    """Stop using the services; where nobody else does (our parent, our children), stop them and wait until they have ended."""
    previous = [(number, signal.signal(number, signal.SIG_IGN)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    while _held:
        data_dir, descriptor = _held.popitem()
        os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):  # somebody deleted DATA_DIR; the guardian sees to the rest
            stop_if_unused(Installation(data_dir))
    for number, handler in previous:
        signal.signal(number, handler or signal.SIG_DFL)


atexit.register(let_go)


def stop_if_unused(installation: Installation) -> None:
    """Stop the services where no process uses them, and wait until they have ended."""
    users = installation.open_lock("users")
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # there are others, or the guardian is stopping the services: then this waits for its end
        fcntl.flock(users, fcntl.LOCK_SH)
    else:
        guardian.stop_services(installation)
        if pid := guardian.living(installation):
            os.kill(pid, guardian.WAKE)
            with installation.locked("guardian", kind=fcntl.LOCK_SH):
                pass
        processes.reap()
    finally:
        os.close(users)
