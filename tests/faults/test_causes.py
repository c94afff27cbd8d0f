"""What is not our bug: a full disk, a key that cannot be read, a database that goes away. One message, status 1, then on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Ended
from tests.faults.scene import ISSUE, MONTH, Scene
from tests.faults.whole import archived, assert_whole
from tests.invoices.seals import pair, pkcs12_file

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def assert_says(ended: Ended, *, starts: str, ends: str) -> None:
    """One line that says what to mend, and status 1."""
    assert ended.status == 1
    assert len(ended.lines) == 1, ended.err
    assert ended.lines[0].startswith(starts)
    assert ended.lines[0].endswith(ends)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False).returncode != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("CI may mount no disk")
        pytest.skip("needs root, who may mount a disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_under_the_archive(scene: Scene, register: list[dict[str, str]], small_disk: Path) -> None:
    scene.archive = small_disk / "archive"
    scene.environment["ARCHIVE_DIR"] = str(scene.archive)
    for _ in range(2):
        assert_says(
            scene.run(*ISSUE),
            starts=f"The archive {scene.archive} cannot be written: No space left on device. ",
            ends="run the same command again once this is mended.",
        )
        assert 0 < len(archived(scene)) < len(register)
        assert not list(scene.archive.rglob("*.tmp"))
    assert scene.run("export_run", MONTH, str(scene.folder / "export")).status == 1
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_a_full_disk_under_an_export(issued: Scene, small_disk: Path) -> None:
    folder = small_disk / "export"
    assert_says(issued.run("export_run", MONTH, str(folder)), starts=f"cannot write to {folder}: No space left on device", ends="")
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    issued.done("export_run", MONTH, str(folder))
    assert {file.name for file in folder.iterdir()} == {file.name for file in (issued.folder / "export").iterdir()}


def test_a_key_that_cannot_be_read(scene: Scene, register: list[dict[str, str]], tmp_path: Path) -> None:
    file = pkcs12_file(tmp_path, password="right", parts=pair("Réseau Relais", elliptic=True))
    missing = {"SEAL_PKCS12": str(tmp_path / "missing.p12"), "SEAL_PKCS12_PASSWORD": "right"}
    assert_says(scene.run(*ISSUE, **missing), starts="The seal's key file ", ends="cannot be read: No such file or directory.")
    wrong = {"SEAL_PKCS12": str(file), "SEAL_PKCS12_PASSWORD": "wrong"}
    assert_says(scene.run(*ISSUE, **wrong), starts=f"The seal's key file {file} cannot be opened", ends="or it is not a PKCS#12 file.")
    assert scene.count("invoices_due", "step = 'seal' AND attempts = 0") == len(register)  # a key is no invoice's fault
    scene.environment |= {"SEAL_PKCS12": str(file), "SEAL_PKCS12_PASSWORD": "right"}
    scene.done(*ISSUE)
    assert_whole(scene, register)
    assert scene.rows("SELECT DISTINCT level FROM invoices_document") == [("advanced",)]


@pytest.mark.parametrize("table", ["invoices_invoice", "invoices_document"])
def test_a_session_that_the_database_ends(scene: Scene, register: list[dict[str, str]], table: str) -> None:
    """While it numbers; while it seals."""
    with scene.holding(f"LOCK TABLE {table} IN SHARE MODE") as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        scene.rows(TERMINATE)
        ended = issue.ended()
    assert_says(ended, starts="The database cannot go on: terminating connection", ends="Once that is mended, run the command again.")
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_sessions_of_a_pool_that_the_database_ends(scene: Scene, register: list[dict[str, str]]) -> None:
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock:
        issue = scene.start_in_parts(*ISSUE)
        scene.stopped_at(lock, issue, transactions=2)
        scene.rows(TERMINATE)
        lock.release()
        ended = issue.ended()
    assert_says(ended, starts="The database cannot go on: terminating connection", ends="Once that is mended, run the command again.")
    scene.done(*ISSUE)
    assert_whole(scene, register)
