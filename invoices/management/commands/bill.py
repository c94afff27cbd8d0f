"""bill PERIOD --by EMAIL: drafts, both schematrons on each, held relays, oddities."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from invoices import checking, drafting
from invoices.management.arguments import period
from invoices.models import Run
from invoices.period import Period
from relays import people
from selfbilling.commandline import DoorCommand, progress
from selfbilling.counting import counted

_SHOWN = 20


class Command(DoorCommand):
    """Bill a month."""

    help = "Draft a month's invoices and check each with the official rules; changes nothing that is issued."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD --by EMAIL."""
        parser.add_argument("period", type=period)
        parser.add_argument("--by", required=True, metavar="EMAIL", help="a member of billing")

    def handle(self, *, period: Period, by: str, **_options: Any) -> None:
        """Bill, then say what came of it."""
        person = people.billing_member(by)
        with progress(total=0, label="Checking", unit="drafts") as bar:

            def judged(now: int, total: int) -> None:
                bar.total = total
                bar.update(now)

            run = drafting.draft(period, by=person, progress=judged)
        drafts = list(run.drafts.select_related("relay").order_by("relay__code"))
        net = sum(draft.net for draft in drafts)
        self.stdout.write(f"{period}: {counted(len(drafts), 'draft')}, net {net:.2f} EUR, ready to approve by another member of billing.")
        self._say_held(run)
        odd = [draft for draft in drafts if draft.oddities and draft.oddities != [checking.FIRST_INVOICE]]
        first = sum(draft.oddities == [checking.FIRST_INVOICE] for draft in drafts)
        if first:
            self.stdout.write(f"First invoice: {first}.")
        self._some(
            f"Odd, to look at before approving: {len(odd)}.",
            [f"{d.relay.code}: {'; '.join(map(checking.in_words, d.oddities))}" for d in odd],
        )
        self.stdout.write(f"Next: manage.py approve {period} --by EMAIL")

    def _say_held(self, run: Run) -> None:
        held = list(run.held.select_related("relay").order_by("relay__code"))
        by_reason = ", ".join(f"{reason} {count}" for reason, count in sorted(Counter(one.reason for one in held).items()))
        self._some(f"Held: {len(held)} ({by_reason}).", [f"{one.relay.code} {one.reason}: {one.detail}" for one in held])

    def _some(self, title: str, lines: list[str]) -> None:
        if not lines:
            return
        self.stdout.write(title)
        for line in lines[:_SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > _SHOWN:
            self.stdout.write(f"  and {len(lines) - _SHOWN} more")
