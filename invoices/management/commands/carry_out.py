"""carry_out WORK: what a person asked for at the desk, in a process of its own; a Celery worker starts it."""

from argparse import ArgumentParser
from typing import Any

from invoices import asking
from selfbilling import journal
from selfbilling.commandline import DoorCommand


class Command(DoorCommand):
    """Carry out a work."""

    help = "Do what was asked for at the desk (a worker starts this; a worker's own process may not start others, which billing needs)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """WORK."""
        parser.add_argument("work", type=int)

    def handle(self, *, work: int, **_options: Any) -> None:
        """Carry it out; its row says how it ended."""
        journal.opened("worker")
        asking.carry_out(work)
