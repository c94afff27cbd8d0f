"""The guardian: waits until nobody uses the services, then stops them, however their last user ended (SIGKILL too).

Runs as a process of its own, in its own session: python -m selfbilling.embedded.guardian DATA_DIR
"""

import contextlib
import fcntl
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from selfbilling.embedded import processes
from selfbilling.embedded.installation import Installation

WAKE = signal.SIGUSR1


class _Woken(Exception):  # noqa: N818
    """The last user, who holds the lock that we wait for, has stopped the services itself."""


def main(data_dir: Path) -> None:
    """Wait, stop, leave. Another guardian of the same installation makes this one leave at once."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a machine that shuts down ends our users too, and so us
    signal.signal(WAKE, _wake)
    installation = Installation(data_dir)
    life = installation.open_lock("guardian")
    try:
        fcntl.flock(life, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    os.ftruncate(life, 0)
    os.pwrite(life, str(os.getpid()).encode(), 0)
    users = installation.open_lock("users")
    with contextlib.suppress(_Woken):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        fcntl.flock(users, fcntl.LOCK_EX)
    with installation.locked("starting"):  # an initdb whose command was killed ends first
        stop_services(installation)
    os.close(life)  # first: whoever waits for `users` must not take us for alive
    os.close(users)


def _wake(_number: int, _frame: FrameType | None) -> None:
    raise _Woken


def stop_services(installation: Installation) -> None:
    """Stop both services and remove their sockets. Only for a holder of `users`, alone."""
    if installation.home.is_dir():
        processes.stop(installation.broker, politely=signal.SIGTERM)
        processes.stop(installation.cluster, politely=signal.SIGINT)  # "fast shutdown": sessions ended, nothing lost
        installation.remove_sockets()


def living(installation: Installation) -> int | None:
    """The process id of the installation's guardian, or None."""
    descriptor = installation.open_lock("guardian")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(descriptor, 20, 0) or b"0") or None
    finally:
        os.close(descriptor)
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
