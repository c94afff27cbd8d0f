"""Celery's door: ids come in, the deed looks in PostgreSQL what is due. A task may be lost or come twice."""

import datetime as dt
import subprocess
import sys

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from invoices import announcing, asking, working
from invoices.delivery import due, mailing, paper
from invoices.disputes import accepting
from invoices.models import Due, Work
from invoices.period import Period, today
from selfbilling.celery import app, hurry
from selfbilling.errors import Unavailable

_NOBODYS = dt.timedelta(minutes=1)
"""What was due for longer than this was started by nobody."""
_A_SWEEP = 1000
"""Invoices at most that one sweep starts, of each kind."""


@app.task(name="invoices.tasks.seal")
def seal(ids: list[int]) -> None:
    """Render, seal, verify, timestamp and archive these invoices, as far as they are due."""
    try:
        working.seal_and_shelve(ids)
    except Unavailable as error:
        for step in Due.BEFORE_DELIVERY:
            working.put_off(ids, step=step, why=str(error))


@app.task(name="invoices.tasks.renew")
def renew(ids: list[int]) -> None:
    """Renew the timestamps of these invoices' files, as far as it is due."""
    try:
        working.renew_and_shelve(ids)
    except Unavailable as error:
        for step in (Due.Step.RENEW, Due.Step.SHELVE):
            working.put_off(ids, step=step, why=str(error))


@app.task(name="invoices.tasks.mail")
def mail(ids: list[int]) -> None:
    """E-mail these invoices, as far as they are due and a person has started the delivery."""
    try:
        mailing.mail(ids)
    except Unavailable as error:
        working.put_off(ids, step=Due.Step.DELIVER, why=str(error))


@app.task(name="invoices.tasks.work")
def work(work_id: int) -> None:
    """Bill, issue or deliver a month as a person asked; then hurry what it made due.

    In a process of its own: billing works on all cores, and Celery's processes may have no children that do.
    """
    subprocess.run([sys.executable, settings.BASE_DIR / "manage.py", "carry_out", str(work_id)], check=False, stdin=subprocess.DEVNULL)
    period = Period(Work.objects.get(pk=work_id).period)
    for task, rows in (("invoices.tasks.seal", working.to_archive(period)), ("invoices.tasks.mail", working.to_mail(period))):
        for chunk in working.chunks(list(rows.filter(not_before=None).values_list("invoice_id", flat=True))):
            hurry(task, chunk)


@app.task(name="invoices.tasks.accept")
def accept() -> None:
    """Accept the invoices whose delay to contest is past: every morning; one that was missed is made up for by the next."""
    accepting.accept_tacitly(today())


@app.task(name="invoices.tasks.announce")
def announce() -> None:
    """Say when a certificate of the seal ends soon: every morning; each stage once."""
    announcing.announce_ends()


@app.task(name="invoices.tasks.post")
def post() -> None:
    """Put on paper what came to it after its month was delivered (an e-mail came back, a person moved it): every morning."""
    for period in paper.months_left():
        for batch in paper.claim(period):
            paper.write(batch)


@app.task(name="invoices.tasks.sweep")
def sweep() -> None:
    """Find what is due and was started by nobody (a lost message, a killed worker), and start it."""
    _start("invoices.tasks.seal", Due.objects.filter(step__in=Due.BEFORE_DELIVERY).order_by("invoice_id"))
    _start("invoices.tasks.renew", Due.objects.filter(step=Due.Step.RENEW).order_by("invoice_id"))
    _start("invoices.tasks.mail", due.by_email())
    for work_id in asking.unended(before=timezone.now() - _NOBODYS):
        hurry("invoices.tasks.work", work_id)


def _start(task: str, rows: QuerySet[Due]) -> None:
    now = timezone.now()
    nobodys = rows.filter(since__lte=now - _NOBODYS).exclude(not_before__gt=now).exclude(claimed_until__gt=now)
    for chunk in working.chunks(list(nobodys.values_list("invoice_id", flat=True)[:_A_SWEEP])):
        hurry(task, chunk)
