"""Celery workers, real ones with a real broker: what they do, what they leave when they are killed, and who takes it up."""

import pytest

from selfbilling.embedded import processes
from selfbilling.embedded.installation import Installation
from tests.faults.processes import Process, kill
from tests.faults.scene import ISSUE, Scene
from tests.faults.whole import assert_whole, documents

NO_DOCUMENT = "LOCK TABLE invoices_document IN SHARE MODE"
PARTS = 2
SEAL = "Task invoices.tasks.seal"


def done(worker: Process, task: str) -> int:
    """How many of these tasks the worker has done."""
    return sum(task in line and "succeeded" in line for line in worker.said().splitlines())


def issued_but_nothing_sealed(scene: Scene) -> None:
    with scene.holding(NO_DOCUMENT) as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue)
        issue.kill()


def test_a_worker_does_what_the_command_waits_for_and_leaves_nothing_behind(scene: Scene, register: list[dict[str, str]]) -> None:
    worker = scene.start_worker()
    scene.done(*ISSUE)
    for _ in worker.runs():
        if done(worker, SEAL) == PARTS:
            break
    assert_whole(scene, register)
    worker.terminate()
    assert worker.ended().status == 0
    worker.wait_for_its_session()
    assert processes.living_in(Installation(scene.data_dir).broker) == set()


def test_what_nobody_started_is_swept_and_a_task_that_comes_twice_does_nothing(scene: Scene, register: list[dict[str, str]]) -> None:
    issued_but_nothing_sealed(scene)
    scene.rows("UPDATE invoices_due SET since = since - interval '2 minutes' RETURNING 1")
    worker = scene.start_worker()
    scene.send("invoices.tasks.sweep")
    for _ in worker.runs():
        if done(worker, SEAL) == PARTS:
            break
    assert_whole(scene, register)
    before = documents(scene)
    ids = [row[0] for row in scene.rows("SELECT id FROM invoices_invoice")]
    scene.send("invoices.tasks.seal", ids)
    scene.send("invoices.tasks.seal", ids)
    for _ in worker.runs():
        if done(worker, SEAL) == PARTS + 2:
            break
    assert documents(scene) == before
    assert_whole(scene, register)


def test_the_command_goes_on_by_itself_where_the_worker_was_killed(scene: Scene, register: list[dict[str, str]]) -> None:
    worker = scene.start_worker()
    with scene.holding(NO_DOCUMENT) as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue, transactions=2)
        assert not issue.children()
        worker.kill()  # it alone: its children must end with it
    ended = issue.ended()
    assert ended.status == 0, ended.err
    assert_whole(scene, register)


def test_two_workers_and_two_commands_at_once_and_one_worker_killed(scene: Scene, register: list[dict[str, str]]) -> None:
    """What the killed one had in hand, and the messages that it had taken, are taken up by the other."""
    first, second = scene.start_worker("first"), scene.start_worker("second")
    with scene.holding(NO_DOCUMENT) as lock:
        commands = [scene.start_in_parts(*ISSUE), scene.start_in_parts(*ISSUE)]
        scene.stopped_at(lock, commands[0], transactions=4)
        first.kill_all()
    for ended in [command.ended() for command in commands]:
        assert (ended.status, ended.lines) == (0, []), ended.err
    assert done(second, SEAL) > 0
    assert_whole(scene, register)


def test_lost_messages_are_sent_again(scene: Scene, register: list[dict[str, str]]) -> None:
    """The processes of a worker are killed with their tasks, and its clock; it lives and answers, so the command waits for it."""
    worker = scene.start_worker()
    with scene.holding(NO_DOCUMENT) as lock:
        issue = scene.start(*ISSUE)
        scene.stopped_at(lock, issue, transactions=2)
        for pid in worker.forks():
            kill(pid)
    ended = issue.ended()
    assert ended.status == 0, ended.err
    assert done(worker, SEAL) == PARTS
    assert_whole(scene, register)


@pytest.mark.parametrize(
    ("how", "status", "said"), [("interrupt", 130, ["Interrupted; the same command goes on from what is done."]), ("terminate", 143, [])]
)
def test_ctrl_c_and_sigterm_leave_no_process_behind(
    scene: Scene, register: list[dict[str, str]], how: str, status: int, said: list[str]
) -> None:
    with scene.holding(NO_DOCUMENT) as lock:
        issue = scene.start_in_parts(*ISSUE)
        scene.stopped_at(lock, issue, transactions=2)
        getattr(issue, how)()
        lock.release()
        ended = issue.ended()
    issue.wait_for_its_session()
    assert (ended.status, ended.lines) == (status, said)
    assert 0 < len(documents(scene)) < len(register)  # what had begun was ended, what had not was not begun
    scene.done(*ISSUE)
    assert_whole(scene, register)
