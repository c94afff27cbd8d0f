"""renew_timestamps: one more timestamp over each sealed file whose last one ends within a year; resumable."""

from typing import Any

from invoices import renewing, working
from invoices.management.waiting import finish
from selfbilling.commandline import DoorCommand
from selfbilling.counting import counted
from selfbilling.errors import Unavailable


class Unfinished(Unavailable):
    """Some files have no new timestamp yet; the same command tries them again."""


class Command(DoorCommand):
    """Renew the timestamps that end."""

    help = "Put a new timestamp over each file whose last timestamp ends within a year. Killed, the same command goes on."

    def handle(self, **_options: Any) -> None:
        """Write down what is to be renewed, then see to it that each is renewed and archived."""
        planned = renewing.plan()
        finish(renewing.to_renew, task="invoices.tasks.renew", work=working.renew_and_shelve, label="Renewing")
        left = renewing.to_renew().select_related("invoice")
        first = left.exclude(last_error="").first() or left.first()
        if first is not None:
            waits = f"{counted(len(left), 'file')} of {planned} still {'waits' if len(left) == 1 else 'wait'}"
            raise Unfinished(f"{waits}. {first.invoice.number}: {first.last_error or 'not started'}\nRun the same command again.")
        if planned:
            self.stdout.write(f"{counted(planned, 'sealed file')} renewed, verified and archived.")
        else:
            self.stdout.write("No timestamp ends within a year: nothing to renew.")
