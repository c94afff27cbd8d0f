"""Real processes of the product, each in a session of its own, so that whatever it leaves behind can be found."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 180.0
"""Until a test gives up on a process."""
_A_LOOK = 0.05
"""Seconds between two looks at what a process does."""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it told the person: stderr without the bars' closing lines."""
        return [line for line in self.err.splitlines() if not line.endswith(" s")]


class Process:
    """A running process. Its output goes to files: an orphan that held a pipe open would stop the test."""

    def __init__(self, command: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path, name: str) -> None:
        self._files = [folder / f"{name}.out", folder / f"{name}.err"]
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, cwd=PROJECT, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def said(self) -> str:
        """What it has said so far, on both outputs."""
        return "".join(file.read_text(errors="replace") for file in self._files)

    def runs(self) -> Iterator[None]:
        """Look at it again and again: fails once it has ended, or after SECONDS."""
        give_up = time.monotonic() + SECONDS
        while time.monotonic() < give_up:
            assert self.popen.poll() is None, f"it ended: {self.said()}"
            yield
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(_A_LOOK)
        raise AssertionError(f"in {SECONDS} s nothing came of it: {self.said()}")

    def ended(self) -> Ended:
        """Wait for its end."""
        status = self.popen.wait(SECONDS)
        return Ended(status, *(file.read_text(errors="replace") for file in self._files))

    def kill(self) -> None:
        """SIGKILL it alone, and wait until nothing of its session is left."""
        self.popen.kill()
        self.popen.wait(SECONDS)
        self.wait_for_its_session()

    def kill_all(self) -> None:
        """SIGKILL everything in its session at one moment."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(SECONDS)
        self.wait_for_its_session()

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it: to the whole group."""
        os.killpg(self.pid, signal.SIGINT)

    def terminate(self) -> None:
        self.popen.terminate()

    def forks(self) -> list[int]:
        """The processes that it forked."""
        return [pid for pid in session(self.pid) - {self.pid} if _command_line(pid) == _command_line(self.pid)]

    def children(self) -> list[int]:
        """The processes of its pool."""
        return [pid for pid in session(self.pid) if b"spawn_main" in _command_line(pid)]

    def waits_for_a_file_lock(self) -> bool:
        """Whether the kernel says that it waits for a lock on a file or folder (the line has an arrow then)."""
        return any("->" in line and f" {self.pid} " in line for line in Path("/proc/locks").read_text().splitlines())

    def wait_for_its_session(self) -> None:
        """What it started must end by itself."""
        left = session(self.pid)
        wait_until_gone(left)
        assert not session(self.pid), f"left behind: {[_command_line(pid) for pid in session(self.pid)]}"


def session(number: int) -> set[int]:
    """The living processes of that session, zombies left out."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, _, _, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(its_session) == number and state != "Z":
                    found.add(int(entry.name))
    return found


def wait_until_gone(pids: set[int]) -> None:
    """Wait until these processes have ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            assert select.select([descriptor], [], [], SECONDS)[0], f"still there: {_command_line(pid)!r}"
            os.close(descriptor)


def kill(pid: int) -> None:
    """SIGKILL any process, and wait until it is gone."""
    descriptor = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    select.select([descriptor], [], [], SECONDS)
    os.close(descriptor)


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    return b""
