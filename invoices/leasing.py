"""Rows of Due taken for work: locked for a moment's, or claimed for a while when somebody on the network must be asked.

A claim is committed before anybody is asked, so no transaction waits for a network; it ends by itself, so a killed
process keeps nothing for long. What was asked for is written only if the claim is still ours: twice asked, once written.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from invoices.models import Due
from selfbilling.errors import Unavailable

LEASE = dt.timedelta(minutes=5)
"""How long a claim holds: longer than all authorities of one invoice need to answer, or to fail."""


def due(step: str, *, ids: Collection[int] | None = None, at_most: int | None = None) -> list[Due]:
    """Rows of that step that may be done now, locked until the transaction ends; rows that others hold are skipped.

    ids: of invoices; None: any.
    """
    now = timezone.now()
    rows = (
        Due.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(not_before=None) | Q(not_before__lte=now), Q(claimed_until=None) | Q(claimed_until__lte=now), step=step)
        .order_by("invoice_id")
    )
    if ids is not None:
        rows = rows.filter(invoice_id__in=ids)
    return list(rows if at_most is None else rows[:at_most])


def any_due(step: str, *, ids: Collection[int]) -> bool:
    """Whether one of these invoices waits for that step, whoever is at it."""
    return Due.objects.filter(step=step, invoice_id__in=ids).exists()


@contextmanager
def claimed(step: str, *, ids: Collection[int], at_most: int | None = None) -> Iterator[list[Due]]:
    """Within it these rows are ours, and no transaction is open. Afterwards what was not done may be done again at once.

    Unavailable raised within is noted on the rows, for staff to see, and raised on.
    """
    until = timezone.now() + LEASE
    with transaction.atomic():
        rows = due(step, ids=ids, at_most=at_most)
        Due.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=until)
    for row in rows:
        row.claimed_until = until
    try:
        yield rows
    except Unavailable as error:
        _ours(rows).update(last_error=str(error)[:500])
        raise
    finally:
        _ours(rows).update(claimed_until=None)


def still_ours(rows: Collection[Due]) -> list[Due]:
    """Those of the claimed rows that are still ours, locked until the transaction ends: their results may be written."""
    return list(_ours(rows).select_for_update().order_by("invoice_id"))


def _ours(rows: Collection[Due]) -> QuerySet[Due]:
    until = {row.claimed_until for row in rows}
    return Due.objects.filter(pk__in=[row.pk for row in rows], claimed_until__in=until)
