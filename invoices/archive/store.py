"""The write-once store: bytes under their own SHA-256, in a folder; no Django, no model, no settings.

Nothing in it is ever replaced or changed (LPF L102 B: kept in the original form). It wants a local or cluster file
system, with locks on folders.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfbilling.errors import Unavailable


class ArchiveUnavailable(Unavailable):
    """The archive cannot be read or written now: full, read-only, not mounted, not ours."""


class ArchiveDamaged(Unavailable):
    """What the archive has under a name is not what was put there; a person has to put it back from a copy."""


class Store:
    """Bytes under their SHA-256, as root/ab/cd/abcd…; several processes may use one at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep these bytes, on the disk when this returns, and read back; returns their SHA-256.

        The same bytes again change nothing. Raises ArchiveUnavailable, which leaves nothing behind, or ArchiveDamaged.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            self._make_folders(path.parent)
            with _locked(path.parent):
                _sweep(path.parent)
                if not path.exists():
                    _write(path, data)
                if path.read_bytes() != data:
                    raise ArchiveDamaged(_damaged(path))
        except OSError as error:
            raise ArchiveUnavailable(
                f"The archive {self.root} cannot be written: {error.strerror}. "
                "Nothing is lost; run the same command again once this is mended."
            ) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that SHA-256 (64 lower-case hexadecimal digits).

        Raises ArchiveUnavailable if they cannot be read or are not there, ArchiveDamaged if they are others.
        """
        path = self._path(sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ArchiveUnavailable(
                f"The archive has no readable {path}: {error.strerror}. Is it mounted, and does this user own it?"
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ArchiveDamaged(_damaged(path))
        return data

    def _path(self, sha256: str) -> Path:
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _make_folders(self, folder: Path) -> None:
        """Make a folder of two levels; the name of a new one is on the disk before anything is in it."""
        self.root.mkdir(parents=True, exist_ok=True)
        for made in (folder.parent, folder):
            if not made.exists():
                made.mkdir(exist_ok=True)
                _to_disk(made.parent)


def _write(path: Path, data: bytes) -> None:
    """Write under a temporary name, and give it its own once it is whole; an existing file is never replaced."""
    temporary = path.with_suffix(".tmp")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as out:
            out.write(data)
            out.flush()
            os.fchmod(out.fileno(), 0o444)
            os.fsync(out.fileno())
        os.link(temporary, path)  # unlike a rename, this fails if the name is taken
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone in that folder; at the end its names are on the disk, ours or those of a process killed before."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Remove what a killed process left: whoever holds the folder's lock is the only one that writes in it."""
    for stale in folder.glob("*.tmp"):
        stale.unlink()


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path) -> str:
    return f"The archive's {path} is damaged: its bytes are not those of its name. Put it back from a copy, then try again."
