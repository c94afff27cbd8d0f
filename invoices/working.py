"""The edge of a process that works off what is due: a process of the command's pool, or a Celery worker.

One invoice that our own bug stops never stops the others: it is put off, with the error, and the log has its traceback.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Sequence

from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.utils import timezone

from invoices import production, renewing, timestamping
from invoices.delivery import due
from invoices.models import Due
from invoices.period import Period
from selfbilling.edge import remedy
from selfbilling.errors import Unavailable

AT_ONCE = 20
"""Invoices in one transaction: the rate is flat from ten up, and little is repeated after a kill."""
_LATER = dt.timedelta(minutes=1)
_log = logging.getLogger(__name__)

Deed = Callable[[Collection[int]], int]


def seal_and_shelve(ids: Collection[int]) -> None:
    """Take these invoices from due to archived.

    Raises Unavailable if key, timestamp authorities, archive or database do not answer; what has its timestamp by then is
    archived all the same.
    """
    _together_or_each(production.produce, ids, step=Due.Step.SEAL)
    try:
        _together_or_each(timestamping.stamp, ids, step=Due.Step.TIMESTAMP)
    finally:
        _together_or_each(production.shelve, ids, step=Due.Step.SHELVE)


def renew_and_shelve(ids: Collection[int]) -> None:
    """Give the sealed files of these invoices a new timestamp, as far as it is due, and archive them. Raises Unavailable."""
    try:
        _together_or_each(renewing.renew, ids, step=Due.Step.RENEW)
    finally:
        _together_or_each(production.shelve, ids, step=Due.Step.SHELVE)


def _together_or_each(deed: Deed, ids: Collection[int], *, step: Due.Step) -> None:
    if _done(deed, ids, step=step, alone=len(ids) == 1):
        return
    for invoice_id in ids:
        _done(deed, [invoice_id], step=step, alone=True)


def _done(deed: Deed, ids: Collection[int], *, step: Due.Step, alone: bool) -> bool:
    """Whether it need not be tried one by one. alone: nothing smaller can be tried, so the invoice is put off."""
    try:
        deed(ids)
    except Unavailable:
        raise
    except Exception as error:  # a process's edge
        if isinstance(error, DatabaseError) and (what_to_do := remedy(error)):
            raise Unavailable(what_to_do) from error
        if alone:
            _log.exception("Invoice %s could not be dealt with (%s)", *ids, step)
            put_off(ids, step=step, why=f"{type(error).__name__}: {error}")
        return alone
    return True


def put_off(ids: Collection[int], *, step: str, why: str) -> None:
    """Leave these for later, with what went wrong."""
    Due.objects.filter(invoice_id__in=ids, step=step).update(
        attempts=F("attempts") + 1, last_error=why[:500], not_before=timezone.now() + _LATER
    )


def to_archive(period: Period) -> QuerySet[Due]:
    """What of the month waits to be sealed, timestamped or archived, in order, put off or not."""
    return Due.objects.filter(invoice__period=period.first, step__in=Due.BEFORE_DELIVERY).order_by("invoice_id")


def to_mail(period: Period) -> QuerySet[Due]:
    """What of the month may be e-mailed, put off or not."""
    return due.by_email().filter(invoice__period=period.first)


def chunks(ids: Sequence[int]) -> list[list[int]]:
    """These ids, AT_ONCE at a time."""
    return [list(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE)]
