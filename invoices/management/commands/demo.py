"""demo: last month of a demonstration network, from files to delivered; then the site."""

import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from invoices.management import demonstrating
from invoices.period import Period, today
from invoices.register import held_now
from invoices.standing import Standing
from selfbilling.commandline import DoorCommand

_ADDRESS = "127.0.0.1:8000"


class Command(DoorCommand):
    """Show the whole month on a demonstration network."""

    help = "Bill, approve, issue, seal and deliver last month for a demonstration network; then serve the site until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """[--relays N] [--no-serve]."""
        parser.add_argument("--relays", type=int, default=300, metavar="N", help="how many relays (300)")
        parser.add_argument("--no-serve", action="store_true", help="end after the summary")

    def handle(self, *, relays: int, no_serve: bool, **_options: Any) -> None:
        """Run, sum up, serve."""
        demonstrating.refuse_elsewhere()
        started = time.monotonic()
        period = Period(today().replace(day=1)).previous
        with demonstrating.worker():
            found = demonstrating.run(period, relays=relays)
            self._sum_up(found, seconds=time.monotonic() - started)
            if not no_serve:
                self._serve()

    def _sum_up(self, found: Standing, *, seconds: float) -> None:
        held = [f"    {one.relay.code:<18} {one.reason}: {one.detail}" for one in held_now(found.period)]
        lines = [
            "",
            f"{found.period}: {found.state}, in {seconds:.0f} s",
            f"  invoices   {found.invoices}",
            f"  net        {found.net} EUR",
            f"  gross      {found.gross} EUR",
            f"  sealed     {found.sealed}, each verified before it was called sealed",
            f"  archived   {found.archived}",
            f"  e-mailed   {found.sent}",
            f"  on paper   {found.on_paper}",
            f"  held       {len(held)}",
            *held,
            "Look at:",
            f"  PDF        {demonstrating.exported(found.period)}",
            f"  e-mails    {settings.MAIL_DIR}",
            f"  paper      {settings.PAPER_DIR}",
        ]
        self.stdout.write("\n".join(lines))

    def _serve(self) -> None:
        self.stdout.write(f"\nThe site: {settings.SITE_URL} (Ctrl-C ends it). Logins, all with the password {demonstrating.password()}")
        for login in demonstrating.everybody():
            self.stdout.write(f"  {login.email:<42} {login.what}")
        self.stdout.flush()
        server = subprocess.Popen([sys.executable, "manage.py", "runserver", "--noreload", _ADDRESS], cwd=settings.BASE_DIR)
        try:
            server.wait()
        finally:
            demonstrating.end(server)
