"""Processes that use the embedded services, as the product's own do; each test has an installation of its own."""

import os
import select
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from selfbilling.embedded import guardian, processes
from selfbilling.embedded.installation import Installation

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 60
"""Until a test gives up on a process."""

USES = """
import sys
from pathlib import Path
from selfbilling.embedded import use
print(use.database(Path(sys.argv[1]), durable=False), flush=True)
"""
"""Not durable, for speed: what is killed here is processes, never the machine."""
DURABLE = USES.replace(", durable=False", "")
WAITS = USES + "sys.stdin.readline()\n"
"""Uses the database, says where its socket is, and waits until it is told to end."""


@dataclass
class Place:
    """A folder that everybody may enter, and the installation in it."""

    folder: Path
    interpreter: str = sys.executable
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)})
    options: dict[str, Any] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    data_dir: Path = Path()

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"

    @property
    def installation(self) -> Installation:
        return Installation(self.data_dir)

    def start(self, program: str = WAITS) -> subprocess.Popen[str]:
        """Start a user in a process group of its own, as a shell does."""
        user = subprocess.Popen(
            [self.interpreter, "-c", program, str(self.data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            process_group=0,
            cwd="/",
            **self.options,
        )
        self.started.append(user)
        return user

    def user(self) -> tuple[subprocess.Popen[str], str]:
        """A user for whom the database runs, and the folder of the socket."""
        user = self.start()
        said = line_of(user)
        assert said, user.communicate()[1]
        return user, said

    def use(self, program: str = USES) -> str:
        """Use the services and end; what the program said."""
        out, err = self.start(program).communicate(timeout=SECONDS)
        assert out, err
        return out.strip()

    def alive(self) -> set[int]:
        """The services' processes."""
        home = self.installation.home
        return processes.living_in(home / "cluster") | processes.living_in(home / "broker")

    def server(self) -> int:
        """PostgreSQL's first process; the others come and go."""
        return int((self.installation.cluster / "postmaster.pid").read_text().partition("\n")[0])

    def guardian(self) -> int | None:
        return guardian.living(self.installation)

    def wait_for_the_guardian_to_leave(self) -> None:
        """It holds its lock for as long as it lives."""
        with self.installation.locked("guardian"):
            pass

    def remove(self) -> None:
        """End what a failed test left, and remove everything."""
        for user in self.started:
            if user.poll() is None:
                user.kill()
            user.communicate()
        if self.installation.folder.is_dir():
            self.wait_for_the_guardian_to_leave()
            kill(*self.alive())
            shutil.rmtree(self.installation.home, ignore_errors=True)
        shutil.rmtree(self.folder)


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that it says; "" where it ended."""
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"\n"):
        assert select.select([process.stdout], [], [], SECONDS)[0], "it said nothing"
        byte = os.read(process.stdout.fileno(), 1)
        if not byte:
            break
        said += byte
    return said.decode().strip()


def end(process: subprocess.Popen[str]) -> int:
    """Tell a waiting user to end; its status."""
    process.communicate("\n", timeout=SECONDS)
    return process.returncode


def kill(*pids: int) -> None:
    """SIGKILL, and wait until they are gone."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        select.select([descriptor], [], [], SECONDS)
        os.close(descriptor)


def connect(sockets: str, *, user: str = "selfbilling", dbname: str = "selfbilling") -> psycopg.Connection[Any]:
    return psycopg.connect(host=sockets, port=5432, user=user, dbname=dbname, autocommit=True)


def answers(sockets: str) -> bool:
    with connect(sockets) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)
