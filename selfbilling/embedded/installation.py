"""Where an installation lives: its folders, its locks, and the system's user that its servers run as."""

import contextlib
import fcntl
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ELSEWHERE = Path("/var/lib/selfbilling")
"""Where clusters live that, as root, the database's user could not reach under DATA_DIR."""
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's sun_path holds 108


@dataclass(frozen=True)
class Account:
    """The system's user that the servers run as."""

    uid: int
    gid: int

    def run(self, command: list[str | Path], **options: object) -> "subprocess.CompletedProcess[str]":
        """Run a short command as this user, output captured; its standard input is empty."""
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, **self.as_user(), **options
        )

    def as_user(self) -> dict[str, object]:
        """What subprocess needs so that a program runs as this user, away from our terminal and our environment."""
        options: dict[str, object] = {
            "cwd": "/",
            "start_new_session": True,
            "umask": 0o077,
            "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        }
        if os.geteuid() != self.uid:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options


def _account() -> Account:
    """Ourselves; as root, which PostgreSQL refuses: the user postgres, or nobody."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            known = pwd.getpwnam(name)
            return Account(uid=known.pw_uid, gid=known.pw_gid)
    raise OSError(0, "run as root, PostgreSQL needs a system user named postgres or nobody; there is none", "/etc/passwd")


def make_elsewhere(folder: Path) -> None:
    """Make a folder that everybody may enter, whatever our umask; one that is there keeps its mode."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(0o755)


class Installation:
    """One DATA_DIR. Locks and the id lie in DATA_DIR/embedded; cluster, logs and sockets in `home`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "embedded"
        self._near = self.folder / "services"
        self._id_file = self.folder / "id"

    # The folders

    def make_data_dir(self) -> None:
        """Make DATA_DIR and its folder for us, closed to everybody but us and the database's user (who may pass)."""
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.data_dir, self.folder):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                if os.geteuid() == 0:
                    os.chown(folder, -1, _account().gid)
                    folder.chmod(0o710)

    @property
    def home(self) -> Path:
        """The servers' own folder, theirs alone. Only once it is settled."""
        return ELSEWHERE / self._id_file.read_text().strip() if self._id_file.exists() else self._near

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "cluster"

    @property
    def broker(self) -> Path:
        """Valkey's working directory."""
        return self.home / "broker"

    @property
    def account(self) -> Account:
        """Whose processes the servers are: the owner of their folder."""
        owner = self.home.stat()
        return Account(uid=owner.st_uid, gid=owner.st_gid)

    def settle(self) -> None:
        """Decide once where the servers' folder is, and make it (call it under the `starting` lock)."""
        if self._id_file.exists():
            if not self.home.is_dir():
                reason = f"the database of this installation is gone; bring it back, or remove {self.folder} to begin anew"
                raise FileNotFoundError(0, reason, str(self.home))
            return
        if self._near.is_dir():
            return
        account = _account()
        if os.geteuid() != 0 or account.run(["/bin/sh", "-c", 'cd -- "$0"', self.folder]).returncode == 0:
            draft = self.folder / "services.new"
            draft.mkdir(mode=0o700, exist_ok=True)
            os.chown(draft, account.uid, account.gid)
            draft.rename(self._near)
            return
        make_elsewhere(ELSEWHERE)
        name = secrets.token_hex(6)
        (ELSEWHERE / name).mkdir(mode=0o700)
        os.chown(ELSEWHERE / name, account.uid, account.gid)
        draft = self.folder / "id.new"
        draft.write_text(name)
        draft.rename(self._id_file)

    @property
    def sockets(self) -> Path:
        """The folder (0700) of the servers' unix sockets: in `home`, or where that path is too long, under /tmp."""
        near = self.home / "run"
        if near.is_symlink():
            far = near.readlink()
            if self._is_ours_alone(far):
                return far
            near.unlink()
        elif len(os.fsencode(near / SOCKET)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w./-]+", str(near), re.ASCII):
            if not near.is_dir():
                near.mkdir(mode=0o700)
                os.chown(near, self.account.uid, self.account.gid)
            return near
        elif near.exists():  # DATA_DIR was moved to a deeper place
            shutil.rmtree(near)
        far = Path(tempfile.mkdtemp(prefix="selfbilling-", dir="/tmp"))
        os.chown(far, self.account.uid, self.account.gid)
        near.symlink_to(far)
        return far

    def _is_ours_alone(self, folder: Path) -> bool:
        """Whether nobody else can have made that folder or enter it."""
        try:
            seen = folder.lstat()
        except FileNotFoundError:
            return False
        return stat.S_ISDIR(seen.st_mode) and seen.st_uid == self.account.uid and not seen.st_mode & 0o077

    def remove_sockets(self) -> None:
        """Remove the folder of the sockets; a later start makes it again."""
        near = self.home / "run"
        if near.is_symlink():
            far = near.readlink()
            if self._is_ours_alone(far):
                shutil.rmtree(far)
            near.unlink()
        else:
            shutil.rmtree(near, ignore_errors=True)

    # The locks: files in DATA_DIR/embedded; the kernel lets go of them when their holder ends, however it ends

    def open_lock(self, name: str) -> int:
        """A new descriptor on that lock's file; whoever forks shares it, whoever executes another program does not."""
        return os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def locked(self, name: str, *, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
        """Hold one of the locks: `users` (shared by all users), `starting`, `guardian`, `migrating`."""
        descriptor = self.open_lock(name)
        try:
            fcntl.flock(descriptor, kind)
            yield descriptor
        finally:
            os.close(descriptor)
