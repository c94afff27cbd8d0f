"""The broker carries hints: a real worker on the embedded broker, and a broker that is dead."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from selfbilling.celery import WHAT_RUNS_WHEN, app, hurry, workers_answer
from selfbilling.embedded import processes
from tests.selfbilling.test_edge import manage
from tests.selfbilling.users import PROJECT, Place, kill

WORKER = [sys.executable, "-m", "celery", "-A", "selfbilling", "worker", "--concurrency", "1", "--loglevel", "warning"]


def worker(data_dir: Path, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen(WORKER, cwd=PROJECT, env=os.environ | {"DATA_DIR": str(data_dir)}, stdout=out, stderr=out)


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_was_hurried_once_it_is_committed(tmp_path: Path) -> None:
    assert not workers_answer()
    process = worker(settings.DATA_DIR, tmp_path / "log")
    try:
        while not workers_answer():
            assert process.poll() is None, (tmp_path / "log").read_text()
        with transaction.atomic():
            hurry("invoices.tasks.seal", [])
            transaction.set_rollback(True)
        with transaction.atomic():
            hurry("invoices.tasks.sweep")
        while not _done():
            assert process.poll() is None
        assert _done() == {"invoices.tasks.sweep": 1}
    finally:
        process.terminate()
        process.wait()
    assert process.returncode == 0, (tmp_path / "log").read_text()
    assert not workers_answer()


def _done() -> dict[str, int]:
    """How often the workers ran each task."""
    (stats,) = (app.control.inspect().stats() or {}).values()
    return dict(stats["total"])


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_leaves_no_broker_behind(place: Place, ended_by: signal.Signals) -> None:
    process = worker(place.data_dir, place.folder / "log")
    while not place.installation.home.is_dir() or not processes.living_in(place.installation.broker):
        assert process.poll() is None, (place.folder / "log").read_text()
    if ended_by is signal.SIGKILL:
        kill(process.pid)
    else:
        process.send_signal(ended_by)
    process.wait()
    place.wait_for_the_guardian_to_leave()
    assert place.alive() == set()


def test_a_dead_broker_fails_no_deed() -> None:
    asks = "from selfbilling.celery import hurry, workers_answer; hurry('a'); hurry('b'); print(workers_answer())"
    ended = manage("shell", "-v", "0", "-c", asks, BROKER_URL="redis://127.0.0.1:1")
    assert (ended.returncode, ended.stdout) == (0, "False\n")
    assert ended.stderr.count("The broker does not answer") == 1


def test_what_runs_by_the_clock_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in WHAT_RUNS_WHEN.values()} <= set(app.tasks)
    assert app.conf.accept_content == ["json"]
