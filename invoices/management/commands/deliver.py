"""deliver PERIOD: e-mails and paper batches; resumable."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils import timezone

from invoices import working
from invoices.delivery import mailing, paper, starting
from invoices.delivery.outcome import Outcome, outcome
from invoices.management.arguments import period
from invoices.management.waiting import finish
from invoices.models import Delivery
from invoices.period import Period
from selfbilling import journal
from selfbilling.commandline import DoorCommand, progress
from selfbilling.counting import counted
from selfbilling.errors import Refused, Unavailable


class Undelivered(Refused):
    """Something of the month is left, each with what to do."""


class Command(DoorCommand):
    """Deliver a month."""

    help = "E-mail a month's archived invoices and write the paper batches. Killed, the same command goes on; none goes twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD."""
        parser.add_argument("period", type=period)

    def handle(self, *, period: Period, **_options: Any) -> None:
        """Start the delivery, e-mail, write the batches; say what became of it and what is left."""
        starting.start(period)
        hindrance = mail_all(period)
        write_all(period)
        found = outcome(period)
        self.stdout.write(_summary(period, found))
        self.stdout.flush()
        if hindrance is not None:
            raise hindrance
        left = [*(_to_decide(one) for one in found.unanswered), *found.waiting]
        if left:
            raise Undelivered("\n".join(left))


def mail_all(period: Period) -> Unavailable | None:
    """E-mail what waits; returns what hindered it, so that paper goes out all the same."""
    try:
        finish(lambda: working.to_mail(period), task="invoices.tasks.mail", work=_mail, label="E-mailing")
    except Unavailable as error:
        return error
    return None


def _mail(ids: list[int]) -> int:
    """In a process of our own."""
    journal.opened(f"command line, {journal.system_user()}")
    return mailing.mail(ids)


def write_all(period: Period) -> None:
    """Claim and write the paper batches."""
    batches = paper.claim(period)
    if batches:
        with progress(total=len(batches), label="Paper", unit="batches") as bar:
            for batch in batches:
                paper.write(batch)
                bar.update(1)


def _summary(period: Period, found: Outcome) -> str:
    paper_part = f"{found.on_paper} on paper in {counted(found.batches, 'batch', 'batches')}" if found.batches else "0 on paper"
    lines = [f"{period}: {found.emailed} e-mailed, {paper_part}."]
    if found.of_earlier_months:
        lines.append(f"Of earlier months, now on paper too: {found.of_earlier_months}.")
    if found.refused:
        lines.append(f"Refused by the mail server, so on paper: {found.refused}.")
    if found.unanswered:
        lines.append(f"E-mails without an answer: {len(found.unanswered)}.")
    if found.emailed and not settings.SMTP_HOST:
        lines.append(f"E-mails lie in {settings.MAIL_DIR}")
    lines += [f"Paper batches lie in {settings.PAPER_DIR}/{folder}" for folder in found.folders]
    return "\n".join(lines)


def _to_decide(delivery: Delivery) -> str:
    since = timezone.localtime(delivery.claimed_at)
    return (
        f"{delivery.invoice.number} to {delivery.address}: handed over {since:%Y-%m-%d %H:%M} as {delivery.message_id}, no answer came. "
        f"Look for it in the mail server's log, then say in the admin, under Deliveries, that it was sent or is to be sent again."
    )
