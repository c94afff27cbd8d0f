"""A command with work for the workers: it waits for them with a bar, and does the work itself where none answers."""

import time
from collections.abc import Callable

import django
from django.db.models import QuerySet

from invoices import working
from invoices.models import Due
from selfbilling.celery import hurry, workers_answer
from selfbilling.commandline import progress
from selfbilling.pool import all_cores

_NOT_WORTH_PROCESSES = 5
"""Chunks that one process has done before others have started."""
_LOOK = 0.2
"""Seconds between two looks at what is still due."""
_PATIENCE = 15.0
"""Seconds without progress after which the workers are asked again whether they are there."""

Rows = Callable[[], QuerySet[Due]]
Work = Callable[[list[int]], object]
Update = Callable[[int], object]


def finish(rows: Rows, *, task: str, work: Work, label: str) -> None:
    """See to it that each of these rows was tried; what was put off before is tried at once.

    rows: what is due, looked up anew at each call. task: the Celery task that takes their invoices' ids; work: the
    same for a process of our own. Raises Unavailable as work does. What is left afterwards has its last_error.
    """
    rows().update(not_before=None, last_error="")
    ids = _ids(rows)
    if not ids:
        return
    with progress(total=len(ids), label=label, unit="invoices") as bar:
        if not _by_workers(ids, rows=rows, task=task, update=bar.update):
            _by_ourselves(_ids(rows), work=work, update=bar.update)
        while claimed := _claimed(rows):  # by another process, which ends with them; or which was killed: its claims end too
            time.sleep(_LOOK)
            _by_ourselves(claimed, work=work, update=_nothing)


def _ids(rows: Rows) -> list[int]:
    """The invoices that were not put off."""
    return list(rows().filter(not_before=None).values_list("invoice_id", flat=True))


def _claimed(rows: Rows) -> list[int]:
    """The invoices that some process asks the network for, or did when it was killed."""
    return list(rows().filter(not_before=None, claimed_until__isnull=False).values_list("invoice_id", flat=True))


def _nothing(_count: int) -> None:
    """They were counted already."""


def _by_workers(ids: list[int], *, rows: Rows, task: str, update: Update) -> bool:
    """Let the workers do it; False if none answers, or if they fall silent."""
    if not workers_answer():
        return False
    _ask(task, ids)
    todo, heard = len(ids), time.monotonic()
    while todo:
        time.sleep(_LOOK)
        now = rows().filter(not_before=None).count()
        if now < todo:
            update(todo - now)
            todo, heard = now, time.monotonic()
        elif time.monotonic() - heard > _PATIENCE:
            if not workers_answer():
                return False
            _ask(task, _ids(rows))  # a message was lost with the worker that had it
            heard = time.monotonic()
    return True


def _ask(task: str, ids: list[int]) -> None:
    for chunk in working.chunks(ids):
        hurry(task, chunk)


def _by_ourselves(ids: list[int], *, work: Work, update: Update) -> None:
    parts = working.chunks(ids)
    if len(parts) <= _NOT_WORTH_PROCESSES:
        for part in parts:
            work(part)
            update(len(part))
        return
    with all_cores(tasks=len(parts), prepare=django.setup) as pool:
        for part, _ in zip(parts, pool.map(work, parts), strict=True):
            update(len(part))
