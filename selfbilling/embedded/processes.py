"""Servers as processes: started away from our terminal, found by the folder that they work in, stopped.

By their folder, since a process id in a file may be somebody else's by now (a container counts from 1 again).
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from selfbilling.embedded.installation import Account

PATIENCE = 60.0
"""Seconds that a server has to stop by itself."""
_children: list["subprocess.Popen[bytes]"] = []


def start(command: Sequence[str | Path], *, account: Account, log: Path) -> "subprocess.Popen[bytes]":
    """Start a server as that user in a session of its own, its output into log; it may outlive us."""
    with log.open("ab") as out:
        os.fchmod(out.fileno(), 0o600)
        os.fchown(out.fileno(), account.uid, account.gid)
        server = subprocess.Popen(  # type: ignore[call-overload]
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **account.as_user()
        )
    _children.append(server)
    return server  # type: ignore[no-any-return]


def adopt(child: "subprocess.Popen[bytes]") -> None:
    """Remember another child that may outlive us."""
    _children.append(child)


def reap() -> None:
    """Take leave of the children that have just been stopped, so that no zombie is left to a parent who may never look."""
    for child in _children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=1)
    _children.clear()


def living_in(folder: Path) -> set[int]:
    """The processes whose working directory is that folder (even a deleted one)."""
    wanted = {str(folder), f"{folder} (deleted)"}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") in wanted:
                    found.add(int(entry.name))
    return found


def _parent(pid: int) -> int:
    """The parent of a process; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def stop(folder: Path, *, politely: signal.Signals) -> None:
    """Stop the server that works in that folder: ask its first process, then after PATIENCE kill what is left."""
    living = living_in(folder)
    _send(politely, [pid for pid in living if _parent(pid) not in living])
    _wait(living, seconds=PATIENCE)
    left = living_in(folder)
    _send(signal.SIGKILL, left)
    _wait(left, seconds=PATIENCE)


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _wait(pids: Iterable[int], *, seconds: float) -> None:
    """Wait until these processes have ended, at most that long."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            try:
                waiting = select.poll()
                waiting.register(descriptor, select.POLLIN)
                waiting.poll(max(0.0, deadline - time.monotonic()) * 1000)
            finally:
                os.close(descriptor)
