"""The embedded PostgreSQL: its cluster made once, started, and found again after a crash."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

import psycopg
from psycopg import sql

from selfbilling.embedded import processes, programs
from selfbilling.embedded.installation import SOCKET, Installation
from selfbilling.errors import Unavailable

START_SECONDS = 300  # the recovery after a crash may take its time
ROLE = "selfbilling"


def ensure(installation: Installation, *, durable: bool, lock: int) -> Path:
    """The folder of the sockets of a PostgreSQL that answers; started where it does not.

    Call it under the lock `starting`, whose descriptor is lock. Raises Unavailable.
    """
    if _is_ready(installation):
        return installation.sockets
    if processes.living_in(installation.cluster):
        _wait_until_ready(installation)
        if _is_ready(installation):
            return installation.sockets
        processes.stop(installation.cluster, politely=signal.SIGINT)  # alive without its socket: somebody cleaned /tmp
    version_file = installation.cluster / "PG_VERSION"
    version = version_file.read_text().strip() if version_file.exists() else None
    bin_folder = programs.postgres(installation.account, version=version)
    if version is None:
        _make_cluster(installation, bin_folder, durable=durable, lock=lock)
    _clear_the_crashed(installation)
    _start(installation, bin_folder, durable=durable)
    _make_database(installation.sockets)
    return installation.sockets


def _make_cluster(installation: Installation, bin_folder: Path, *, durable: bool, lock: int) -> None:
    """Make the cluster under another name first: one that was half made is never taken for whole.

    initdb inherits the lock: were we killed, the next command waits until that orphan has ended.
    """
    sys.stderr.write(f"First start: making the database under {installation.data_dir}\n")
    draft = installation.home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    command: list[str | Path] = [bin_folder / "initdb", "-D", draft, "-U", "postgres", "-E", "UTF8", "--auth=peer", "--data-checksums"]
    # Sorted by code points, letters known as Unicode, and no dependence on the machine's own locales.
    command += ["--no-instructions", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if _is_old(bin_folder):
        command[-3:] = ["--locale=C.UTF-8"]
    if not durable:
        command.append("--no-sync")
    made = installation.account.run(command, pass_fds=[lock])
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise Unavailable(f"The database could not be made under {installation.home}: {_last_line(made.stderr)}")
    # Who may enter is said by the kernel (peer): whoever made the installation, and root, as either role; nobody else.
    users = sorted({pwd.getpwuid(uid).pw_name for uid in (os.geteuid(), 0)})
    (draft / "pg_hba.conf").write_text("local all all peer map=installation\n")
    (draft / "pg_ident.conf").write_text("".join(f'installation "{user}" {role}\n' for user in users for role in ("postgres", ROLE)))
    draft.rename(installation.cluster)


def _is_old(bin_folder: Path) -> bool:
    """Whether this is Debian's PostgreSQL before 17, which has no built-in locales."""
    return bin_folder.parent.name.isdigit() and int(bin_folder.parent.name) < 17


def _clear_the_crashed(installation: Installation) -> None:
    """Remove what a killed server left, where its process id belongs to another process by now."""
    pid_file = installation.cluster / "postmaster.pid"
    if pid_file.exists() and Path("/proc", pid_file.read_text().partition("\n")[0]).exists():
        pid_file.unlink()  # nobody lives in this cluster: we looked
    for name in (SOCKET, f"{SOCKET}.lock"):
        (installation.sockets / name).unlink(missing_ok=True)


def _start(installation: Installation, bin_folder: Path, *, durable: bool) -> None:
    """Start the server and wait until it takes connections. Raises Unavailable with what its log says."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(installation.sockets),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    log = installation.home / "postgres.log"
    if log.exists():
        log.replace(installation.home / "postgres.log.1")
    command: list[str | Path] = [bin_folder / "postgres", "-D", installation.cluster]
    command += [f"--{name}={value}" for name, value in settings.items()]
    server = processes.start(command, account=installation.account, log=log)
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _is_ready(installation):
            return
        time.sleep(0.02)
    raise Unavailable(f"PostgreSQL did not start: {_last_line(log.read_text())} (its log: {log})")


def _wait_until_ready(installation: Installation) -> None:
    """Wait for a server that a killed command was starting, or that recovers from a crash."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and processes.living_in(installation.cluster) and _status(installation) != "ready":
        time.sleep(0.02)


def _is_ready(installation: Installation) -> bool:
    """Whether the server takes connections: its folder of sockets is ours alone, so who listens there is it."""
    with socket.socket(socket.AF_UNIX) as door:
        return _status(installation) == "ready" and door.connect_ex(str(installation.sockets / SOCKET)) == 0


def _status(installation: Installation) -> str:
    """What the server says of itself in the eighth line of its file: starting, ready, stopping; "" where there is none."""
    with contextlib.suppress(FileNotFoundError, IndexError):
        return (installation.cluster / "postmaster.pid").read_text().split("\n")[7].strip()
    return ""


def _make_database(sockets: Path) -> None:
    """Make the role and the database where they are missing: a command may have been killed between the two.

    The role owns its database and may make others (tests do); it is no superuser.
    """
    with psycopg.connect(host=str(sockets), port=5432, user="postgres", dbname="postgres", autocommit=True) as connection:
        role = sql.Identifier(ROLE)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))


def _last_line(text: str) -> str:
    """The last line that says what is wrong (PostgreSQL's FATAL or error lines first)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return (telling or lines or ["it said nothing"])[-1]
