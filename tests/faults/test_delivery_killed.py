"""`deliver`, killed by SIGKILL at each point in turn; then the same command: no relay is mailed twice, none is lost."""

import csv
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.processes import Process
from tests.faults.scene import MONTH, Scene
from tests.faults.whole import acts

DELIVER = ("deliver", MONTH)
JOURNAL = "LOCK TABLE selfbilling_journalentry IN SHARE MODE"
Register = list[dict[str, str]]


@pytest.fixture
def to_deliver(scene_of: Callable[[Scene], Scene], issued: Scene) -> Scene:
    """Everything is archived, and a person has said that it may be delivered."""
    scene = scene_of(issued)
    with scene.connect() as connection:
        connection.execute("UPDATE invoices_run SET delivering_since = now()")
    return scene


def numbers(register: Register, channel: str) -> list[str]:
    return sorted(row["number"] for row in register if row["delivery"] == channel)


def mails(scene: Scene) -> dict[str, Path]:
    return {file.name: file for file in (scene.data_dir / "mail").iterdir()}


def batch(scene: Scene, number: int = 1) -> Path:
    return scene.data_dir / "paper" / MONTH / f"batch-{number:03d}"


def assert_delivered_once(scene: Scene, register: Register) -> None:
    """Each by its channel, once; and the same command again does nothing."""
    for _ in range(2):
        assert sorted(mails(scene)) == [f"{number}.1@localhost.eml" for number in numbers(register, "email")]
        assert acts(scene)["e-mailed"] == len(mails(scene))
        assert scene.count("invoices_due") == 0
        assert scene.count("invoices_delivery", "state <> 'sent'") == 0
        assert scene.count("invoices_delivery") == len(register)
        assert_paper_once(scene, register)
        scene.done(*DELIVER)


def assert_paper_once(scene: Scene, register: Register) -> None:
    listed: list[str] = []
    for number, sha256 in scene.rows("SELECT number, sha256 FROM invoices_paperbatch ORDER BY number"):
        folder = batch(scene, number)
        assert sorted(file.name for file in folder.iterdir()) == ["letters.pdf", "manifest.csv"]
        assert hashlib.sha256((folder / "letters.pdf").read_bytes()).hexdigest() == sha256
        with (folder / "manifest.csv").open(newline="") as file:
            listed += [row["number"] for row in csv.DictReader(file)]
    assert sorted(listed) == numbers(register, "paper")
    assert acts(scene)["put on paper"] == len(listed)


def wait_until(process: Process, sql: str, scene: Scene) -> None:
    """… that condition on a delivery holds for some."""
    for _ in process.runs():
        if scene.count("invoices_delivery", sql):
            return


def test_killed_while_starting(scene_of: Callable[[Scene], Scene], issued: Scene, register: Register) -> None:
    scene = scene_of(issued)
    with scene.holding(JOURNAL) as lock:
        deliver = scene.start(*DELIVER)
        scene.stopped_at(lock, deliver)
        deliver.kill()
    assert scene.rows("SELECT delivering_since FROM invoices_run") == [(None,)]
    assert not (scene.data_dir / "mail").exists()
    scene.done(*DELIVER)
    assert_delivered_once(scene, register)


def test_killed_while_claiming(to_deliver: Scene, register: Register) -> None:
    with to_deliver.holding("LOCK TABLE invoices_delivery IN SHARE MODE") as lock:
        deliver = to_deliver.start(*DELIVER)
        to_deliver.stopped_at(lock, deliver)
        deliver.kill()
    assert to_deliver.count("invoices_delivery") == 0
    assert not (to_deliver.data_dir / "mail").exists()
    to_deliver.done(*DELIVER)
    assert_delivered_once(to_deliver, register)


def test_killed_between_claim_and_message(to_deliver: Scene, register: Register) -> None:
    """The first message is stopped by a pipe in its place that nobody reads."""
    pipe = to_deliver.data_dir / "mail" / f".{numbers(register, 'email')[0]}.1@localhost.eml.writing"
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    deliver = to_deliver.start(*DELIVER)
    wait_until(deliver, f"message_id = '<{numbers(register, 'email')[0]}.1@localhost>'", to_deliver)
    deliver.kill()
    to_deliver.wait_for_orphans()
    assert to_deliver.count("invoices_delivery", "state = 'handing_over'") >= 1
    pipe.unlink()
    to_deliver.done(*DELIVER)
    assert_delivered_once(to_deliver, register)


def test_killed_between_message_and_its_being_said(to_deliver: Scene, register: Register) -> None:
    with to_deliver.holding(JOURNAL) as lock:
        deliver = to_deliver.start(*DELIVER)
        to_deliver.stopped_at(lock, deliver)
        deliver.kill()
    written = {name: (file.stat().st_ino, file.read_bytes()) for name, file in mails(to_deliver).items() if not name.startswith(".")}
    assert written
    assert to_deliver.count("invoices_delivery", "state = 'handing_over'") >= len(written)
    to_deliver.done(*DELIVER)
    found = {name: (file.stat().st_ino, file.read_bytes()) for name, file in mails(to_deliver).items()}
    assert written.items() <= found.items()  # not written again
    assert_delivered_once(to_deliver, register)


def test_killed_at_each_point_of_a_paper_batch(to_deliver: Scene, register: Register) -> None:
    with to_deliver.holding("LOCK TABLE invoices_paperbatch IN SHARE MODE") as lock:
        deliver = to_deliver.start(*DELIVER)
        to_deliver.stopped_at(lock, deliver)
        deliver.kill()
    assert to_deliver.count("invoices_paperbatch") == to_deliver.count("invoices_delivery", "channel = 'paper'") == 0

    pipe = batch(to_deliver) / ".letters.pdf.writing"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    deliver = to_deliver.start(*DELIVER)
    wait_until(deliver, "channel = 'paper'", to_deliver)
    deliver.kill()
    to_deliver.wait_for_orphans()
    pipe.unlink()
    assert list(batch(to_deliver).iterdir()) == []
    assert to_deliver.count("invoices_paperbatch", "written_at IS NULL") == 1

    with to_deliver.holding(JOURNAL) as lock:
        deliver = to_deliver.start(*DELIVER)
        to_deliver.stopped_at(lock, deliver)
        deliver.kill()
    written = {file.name: file.read_bytes() for file in batch(to_deliver).iterdir()}
    assert sorted(written) == ["letters.pdf", "manifest.csv"]
    assert to_deliver.count("invoices_paperbatch", "written_at IS NULL") == 1
    to_deliver.done(*DELIVER)
    assert {file.name: file.read_bytes() for file in batch(to_deliver).iterdir()} == written
    assert_delivered_once(to_deliver, register)


def test_two_at_once_share_the_work(to_deliver: Scene, register: Register) -> None:
    """Both are let go at the same moment; neither mails, nor puts into a batch, what the other has."""
    with to_deliver.holding("LOCK TABLE invoices_delivery IN SHARE MODE") as lock:
        both = [to_deliver.start(*DELIVER) for _ in range(2)]
        for deliver in both:
            to_deliver.stopped_at(lock, deliver)
        lock.release()
        ended = [deliver.ended() for deliver in both]
    assert all(one.status == 0 or "not delivered yet" in one.err for one in ended)
    to_deliver.done(*DELIVER)
    assert_delivered_once(to_deliver, register)
