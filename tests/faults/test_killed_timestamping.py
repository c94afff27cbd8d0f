"""`issue` at B-T, killed by SIGKILL between a claim and its result: nothing is lost, and no invoice has two files."""

import datetime as dt
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.faults.scene import ISSUE, Scene
from tests.faults.whole import archived, assert_whole
from tests.invoices.authorities import World, authority

STAMPER = "/network/tsa"
TO_TIMESTAMP = "step = 'timestamp'"


@pytest.fixture
def world(scene: Scene) -> Iterator[World]:
    """A timestamp authority on loopback, at this very time; the scene asks it."""
    with authority(at=dt.datetime.now(dt.UTC)) as running:
        roots = scene.folder / "roots.pem"
        roots.write_bytes(running.certificate("root").public_bytes(Encoding.PEM))
        scene.environment |= {
            "SEAL_LEVEL": "B-T",
            "TIMESTAMP_AUTHORITIES": "stamper",
            "TIMESTAMP_STAMPER_URL": running.url + running.path("tsa", "stamper"),
            "TIMESTAMP_ROOTS": str(roots),
            "TIMESTAMP_TIMEOUT": "60",
        }
        yield running


def test_killed_while_the_authority_thinks(scene: Scene, world: World, register: list[dict[str, str]]) -> None:
    world.server.answers[STAMPER] = world.silent
    issue = scene.start(*ISSUE)
    for _ in issue.runs():
        if world.server.asked:
            break
    issue.kill()
    waiting = scene.count("invoices_due", TO_TIMESTAMP)
    assert 0 < waiting == scene.count("invoices_unshelved", "document_id IS NULL")
    assert scene.count("invoices_document") == len(archived(scene)) == 0
    assert scene.count("invoices_due", f"{TO_TIMESTAMP} AND claimed_until > now()") == 1
    world.server.answers.clear()
    with scene.connect() as later:  # as if the claim's time were over
        later.execute("UPDATE invoices_due SET claimed_until = now() WHERE claimed_until IS NOT NULL")
    scene.done(*ISSUE)
    assert_whole(scene, register)
    assert scene.rows("SELECT pades, count(*) FROM invoices_document GROUP BY pades") == [("B-T", len(register))]
    assert scene.rows("SELECT asked FROM invoices_timestampauthority") == [(len(register) + 1,)]  # one token was wasted


def test_killed_while_the_result_is_written(scene: Scene, world: World, register: list[dict[str, str]]) -> None:
    with scene.holding("LOCK TABLE invoices_document IN SHARE MODE") as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        issue.kill()
    assert len(world.server.asked) == 1
    assert scene.count("invoices_document") == 0
    with scene.connect() as later:
        later.execute("UPDATE invoices_due SET claimed_until = now() WHERE claimed_until IS NOT NULL")
    scene.done(*ISSUE)
    assert_whole(scene, register)


def test_what_another_process_still_claims_is_waited_for(scene: Scene, world: World, register: list[dict[str, str]]) -> None:
    world.server.answers[STAMPER] = world.silent
    killed = scene.start(*ISSUE)
    for _ in killed.runs():
        if world.server.asked:
            break
    killed.kill()
    world.server.answers.clear()
    again = scene.start(*ISSUE)
    for _ in again.runs():
        if scene.count("invoices_due", "step = 'deliver'") == len(register) - 1:
            break
    assert again.popen.poll() is None
    with scene.connect() as later:
        later.execute("UPDATE invoices_due SET claimed_until = now() WHERE claimed_until IS NOT NULL")
    ended = again.ended()
    assert ended.status == 0, ended.err
    assert_whole(scene, register)
