"""Celery's door, with a real broker: ids come in and messages go out; a task may come twice, a message may be lost."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from django.conf import settings as installation
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from invoices import tasks, working
from invoices.models import Document, Due
from selfbilling.celery import WHAT_RUNS_WHEN, app
from selfbilling.embedded import use
from tests.invoices.test_production import issued, missing_key, steps
from tests.invoices.test_production import own_archive as own_archive  # noqa: PLC0414  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker() -> Iterator["Messages"]:
    """The embedded one, its queue emptied."""
    use.broker(installation.DATA_DIR)
    messages = Messages()
    messages.taken()
    yield messages
    messages.taken()


class Messages:
    """What waits for a worker."""

    def taken(self) -> list[tuple[str, Any]]:
        """Take all: (task, its arguments)."""
        found: list[tuple[str, Any]] = []
        with app.connection_for_read() as connection, connection.SimpleQueue(app.conf.task_default_queue) as queue:
            while True:
                try:
                    message = queue.get(block=False)
                except Empty:
                    return found
                message.ack()
                found.append((message.headers["task"], message.payload[0]))


def test_what_runs_by_the_clock_is_there() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in WHAT_RUNS_WHEN.values()} <= set(app.tasks)


def test_a_task_that_comes_twice_does_nothing_the_second_time() -> None:
    ids = issued(2)
    tasks.seal(ids)
    sealed = list(Document.objects.values_list("pk", "sha256"))
    tasks.seal(ids)
    assert list(Document.objects.values_list("pk", "sha256")) == sealed
    assert steps() == ["deliver"] * 2


def test_what_does_not_answer_puts_all_of_them_off(settings: Settings, tmp_path: Path) -> None:
    ids = issued(2)
    settings.SEAL_KEYS = [missing_key(tmp_path)]
    tasks.seal(ids)
    for row in Due.objects.all():
        assert row.last_error.endswith("cannot be read: No such file or directory.")
        assert row.not_before is not None
        assert row.not_before > timezone.now()


def test_a_sweep_starts_what_nobody_started_and_nothing_else(
    broker: Messages, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    lost, just_now, put_off, archived, put_off_before = issued(5)
    now = timezone.now()
    Due.objects.filter(invoice=just_now).update(since=now)  # the others are of the day on which they were issued
    working.put_off([put_off], step=Due.Step.SEAL, why="a bug")
    working.put_off([put_off_before], step=Due.Step.SEAL, why="a bug")
    Due.objects.filter(invoice=put_off_before).update(not_before=now)
    working.seal_and_shelve([archived])
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep()
    assert broker.taken() == [("invoices.tasks.seal", [[lost, put_off_before]])]
