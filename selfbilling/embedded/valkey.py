"""The embedded Valkey, Celery's broker: it keeps nothing on disk, for it carries hints only."""

import os
import signal
import socket
import time
from pathlib import Path

from selfbilling.embedded import processes, programs
from selfbilling.embedded.installation import Installation
from selfbilling.errors import Unavailable

SOCKET = "valkey.sock"
START_SECONDS = 10


def ensure(installation: Installation) -> Path:
    """The socket of a Valkey that answers; started where it does not (under the lock `starting`). Raises Unavailable."""
    address = installation.sockets / SOCKET
    if answers(address):
        return address
    processes.stop(installation.broker, politely=signal.SIGTERM)
    address.unlink(missing_ok=True)
    account = installation.account
    if not installation.broker.is_dir():
        installation.broker.mkdir(mode=0o700)
        os.chown(installation.broker, account.uid, account.gid)
    command: list[str | Path] = [programs.valkey(account), "--port", "0", "--unixsocket", address, "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--dir", installation.broker]
    log = installation.home / "valkey.log"
    server = processes.start(command, account=account, log=log)
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if answers(address):
            return address
        time.sleep(0.01)
    raise Unavailable(f"Valkey did not start (its log: {log})")


def answers(address: Path) -> bool:
    """Whether a server listens on that socket."""
    with socket.socket(socket.AF_UNIX) as door:
        return door.connect_ex(str(address)) == 0
