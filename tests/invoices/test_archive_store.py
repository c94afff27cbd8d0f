"""What is in the archive is whole, is never replaced, and outlives a killed process and a full disk."""

import hashlib
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoices.archive.store import ArchiveDamaged, ArchiveUnavailable, Store

DATA = b"%PDF-1.7 a sealed invoice"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "var" / "archive")


def path_of(store: Store, sha256: str = SHA256) -> Path:
    return store.root / sha256[:2] / sha256[2:4] / sha256


def files_in(store: Store) -> list[Path]:
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def test_bytes_are_kept_under_their_sha256(store: Store) -> None:
    assert store.put(DATA) == SHA256
    assert store.get(SHA256) == DATA
    assert files_in(store) == [path_of(store)]


def test_nobody_may_write_what_is_kept(store: Store) -> None:
    store.put(DATA)
    assert stat.S_IMODE(path_of(store).stat().st_mode) == 0o444


def test_the_same_again_changes_nothing(store: Store) -> None:
    store.put(DATA)
    before = path_of(store).stat()
    assert store.put(DATA) == SHA256
    after = path_of(store).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("instead", [b"", DATA[:-1], DATA + b"\n"])
def test_damage_is_said_not_mended(store: Store, instead: bytes) -> None:
    store.put(DATA)
    path_of(store).chmod(0o600)
    path_of(store).write_bytes(instead)
    with pytest.raises(ArchiveDamaged, match=SHA256):
        store.put(DATA)
    with pytest.raises(ArchiveDamaged, match=SHA256):
        store.get(SHA256)
    assert path_of(store).read_bytes() == instead


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(ArchiveUnavailable, match="No such file"):
        store.get(SHA256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "\n"])
def test_a_name_is_a_sha256(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.get(name)


KILLED_BEFORE = {
    "written": "invoices.archive.store.open = die",
    "named": "os.link = die",
    "its temporary name is gone": "pathlib.Path.unlink = die",
}


@pytest.mark.parametrize("deed", KILLED_BEFORE.values(), ids=KILLED_BEFORE.keys())
def test_one_killed_before_it_is_done_leaves_nothing_once_it_is_done_again(store: Store, deed: str) -> None:
    dying = (
        "import os, pathlib, signal, sys, invoices.archive.store\n"
        "def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{deed}\n"
        "invoices.archive.store.Store(pathlib.Path(sys.argv[1])).put(sys.argv[2].encode())\n"
    )
    killed = subprocess.run([sys.executable, "-c", dying, store.root, DATA.decode()], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.suffix for path in files_in(store)].count(".tmp") == 1
    assert store.put(DATA) == SHA256
    assert files_in(store) == [path_of(store)]


def put_all(root: Path) -> None:
    store = Store(root)
    for number in range(40):
        store.put(b"%d" % number * 5000)


def test_processes_at_once_put_the_same(store: Store) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(put_all, [store.root] * 4, chunksize=1)
    assert len(files_in(store)) == 40
    for path in files_in(store):
        assert hashlib.sha256(store.get(path.name)).hexdigest() == path.name


# Disks that say no. Real ones: these need root, as the build machine has it.

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@as_root
def test_a_full_disk_is_said_and_leaves_nothing(disk: Path) -> None:
    store = Store(disk / "archive")
    store.put(DATA)
    large = bytes(2_000_000)
    with pytest.raises(ArchiveUnavailable, match=r"cannot be written: No space left on device\. Nothing is lost"):
        store.put(large)
    assert files_in(store) == [path_of(store)]
    subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
    assert store.get(store.put(large)) == large


@as_root
def test_a_read_only_disk_is_said(disk: Path) -> None:
    store = Store(disk / "archive")
    store.put(DATA)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(ArchiveUnavailable, match="Read-only file system"):
        store.put(b"another")
    assert store.get(SHA256) == DATA
    assert store.put(DATA) == SHA256  # nothing to write


def test_a_folder_of_another_user_is_said(tmp_path: Path) -> None:
    """A process without root's powers, in a folder where it may only look."""
    folder = tmp_path / "archive"
    folder.mkdir(mode=0o555)
    folder.chmod(0o555)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # what pytest knows stays with the parent
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            Store(folder).put(DATA)
        except ArchiveUnavailable as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with open(read, "rb") as said:
        assert b"cannot be written: Permission denied" in said.read()


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("")
    with pytest.raises(ArchiveUnavailable, match="cannot be written"):
        Store(tmp_path / "archive").put(DATA)
