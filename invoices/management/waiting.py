"""A command with work for the workers: it waits for them with a bar, and does the work itself where none answers."""

import time
from collections.abc import Callable, Collection

import django

from invoices import working
from invoices.models import Due
from invoices.period import Period
from selfbilling.celery import hurry, workers_answer
from selfbilling.commandline import progress
from selfbilling.errors import Unavailable
from selfbilling.pool import all_cores

_NOT_WORTH_PROCESSES = 5
"""Chunks that one process has done before others have started."""
_LOOK = 0.2
"""Seconds between two looks at what is still due."""
_PATIENCE = 15.0
"""Seconds without progress after which the workers are asked again whether they are there."""


class Unfinished(Unavailable):
    """Some invoices could not be dealt with; the same command tries them again."""


def finish(period: Period, *, steps: Collection[str], task: str, work: Callable[[list[int]], object], label: str) -> None:
    """See to it that none of the month's invoices waits for these steps any more.

    task: the Celery task that takes ids; work: the same for a process of our own, raises Unavailable.
    Raises Unavailable as it comes, or Unfinished naming the first errors.
    """
    working.retry_now(period, steps=steps)
    ids = working.waiting(period, steps=steps)
    if not ids:
        return
    with progress(total=len(ids), label=label, unit="invoices") as bar:
        if not _by_workers(period, ids, steps=steps, task=task, update=bar.update):
            _by_ourselves(working.waiting(period, steps=steps), work=work, update=bar.update)
    _refuse_unfinished(period, steps=steps)


def _by_workers(period: Period, ids: list[int], *, steps: Collection[str], task: str, update: Callable[[int], object]) -> bool:
    """Let the workers do it; False if none answers, or if they fall silent."""
    if not workers_answer():
        return False
    for chunk in working.chunks(ids):
        hurry(task, chunk)
    todo, heard = len(ids), time.monotonic()
    while todo:
        time.sleep(_LOOK)
        now = _startable(period, steps=steps)
        if now < todo:
            update(todo - now)
            todo, heard = now, time.monotonic()
        elif time.monotonic() - heard > _PATIENCE:
            if not workers_answer():
                return False
            heard = time.monotonic()
    return True


def _startable(period: Period, *, steps: Collection[str]) -> int:
    """How many wait and were not put off."""
    return Due.objects.filter(invoice__period=period.first, step__in=steps, not_before=None).count()


def _by_ourselves(ids: list[int], *, work: Callable[[list[int]], object], update: Callable[[int], object]) -> None:
    parts = working.chunks(ids)
    if len(parts) <= _NOT_WORTH_PROCESSES:
        for part in parts:
            work(part)
            update(len(part))
        return
    with all_cores(tasks=len(parts), prepare=django.setup) as pool:
        for part, _ in zip(parts, pool.map(work, parts), strict=True):
            update(len(part))


def _refuse_unfinished(period: Period, *, steps: Collection[str]) -> None:
    rows = Due.objects.filter(invoice__period=period.first, step__in=steps).select_related("invoice").order_by("invoice__number")
    if not rows:
        return
    first = next((row for row in rows if row.last_error), rows[0])
    reason = f" First: {first.invoice.number}: {first.last_error}" if first.last_error else ""
    raise Unfinished(f"{len(rows)} invoices of {period} still wait.{reason} Run the same command again.")
