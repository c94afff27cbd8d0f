"""A person asks for a month to be billed, issued or delivered; a worker carries it out and says how far it is.

The row is the request: asked again, or by a lost and repeated message, nothing is done twice. A worker that is killed
leaves it unended; whoever finds it next (the sweep) carries it out again, and the deeds go on from what is done.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from invoices import drafting, issuing
from invoices.delivery import paper, starting
from invoices.models import Work
from invoices.period import Period
from invoices.standing import standing
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused, Unavailable

_EACH = 10
"""Drafts between two notes of how far it is."""


class AskedAlready(Refused):
    """Something is being done with the month."""

    def __init__(self, period: Period) -> None:
        super().__init__(_("something is being done with %(month)s already: wait until it has ended") % {"month": period})


@transaction.atomic
def ask(period: Period, *, act: Work.Act, by: Person) -> Work:
    """Ask for an act on a month. Raises AskedAlready."""
    try:
        with transaction.atomic():
            work = Work.objects.create(period=period.first, act=act, asked_by=by)
    except IntegrityError as error:
        raise AskedAlready(period) from error
    journal.record(act=f"asked to {act}", subject=f"month:{period}", by=by)
    return work


def carry_out(work_id: int) -> None:
    """Do what was asked, if it has not ended and nobody else is at it. A refusal ends it with its sentence.

    Our own bug ends it too, saying so, and is raised.
    """
    with _alone_with(work_id) as alone:
        work = Work.objects.filter(pk=work_id, ended_at=None).select_related("asked_by").first() if alone else None
        if work is None:
            return
        work.started_at = timezone.now()
        work.done = 0
        work.save(update_fields=["started_at", "done"])
        with translation.override(settings.LANGUAGE_CODE):  # read on a page
            work.error = _("An error of ours stopped it; the log has the details. What was done stays done, and it can be asked for again.")
            try:
                work.error = _refusal(work)
            finally:
                work.ended_at = timezone.now()
                work.save(update_fields=["error", "ended_at"])


def unended(*, before: dt.datetime) -> list[int]:
    """The works asked for before that instant that have not ended: nobody carries out one that somebody is at."""
    return list(Work.objects.filter(ended_at=None, asked_at__lte=before).order_by("pk").values_list("pk", flat=True))


def _refusal(work: Work) -> str:
    """Do it; returns why it was refused, "" if it was done."""
    deeds: dict[str, Callable[[Work], None]] = {Work.Act.BILL: _bill, Work.Act.ISSUE: _issue, Work.Act.DELIVER: _deliver}
    try:
        deeds[work.act](work)
    except (Refused, Unavailable) as error:
        return str(error)
    return ""


def _bill(work: Work) -> None:
    drafting.draft(Period(work.period), by=work.asked_by, progress=lambda now, total: _note(work, now, total=total))


def _issue(work: Work) -> None:
    period = Period(work.period)
    total = standing(period).drafts
    issuing.issue(period, issue_date=None, progress=lambda now: _note(work, now, total=total))


def _deliver(work: Work) -> None:
    """Start the delivery, write the paper batches; the e-mails are due rows that workers hurry."""
    period = Period(work.period)
    starting.start(period)
    batches = paper.claim(period)
    for batch in batches:
        paper.write(batch)
        _note(work, 1, total=len(batches))


def _note(work: Work, now: int, *, total: int) -> None:
    """Say how far it is, in a transaction of its own."""
    work.done += now
    if work.total != total or work.done == total or work.done % _EACH < now:
        work.total = total
        Work.objects.filter(pk=work.pk).update(done=work.done, total=total)


@contextmanager
def _alone_with(work_id: int) -> Iterator[bool]:
    """Whether nobody else is at that work; a lock of this session, so that a killed worker leaves none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('invoices.work'), %s)", [work_id])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('invoices.work'), %s)", [work_id])
