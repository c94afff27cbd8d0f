"""The demonstration: a network in files, read back through the public commands, last month from files to delivered.

Everything is real: the same commands as any operator's, a Celery worker, the embedded services, the demo certificate.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from invoices.demonstration import network
from invoices.period import Period
from invoices.standing import Standing, standing
from relays import people
from relays.models import Person
from selfbilling.celery import workers_answer
from selfbilling.errors import Refused, Unavailable

CAMILLE = "camille.facturation@reseau-relais.example"
DOMINIQUE = "dominique.facturation@reseau-relais.example"
ADMIN = "admin@reseau-relais.example"
_PATIENCE = 30.0
"""Seconds in which a worker answers, or the demonstration goes on without."""


class NotHere(Refused):
    """The demonstration makes people with printed passwords and invoices under a demo certificate: not on a real system."""


def home() -> Path:
    """The folder of the demonstration's files."""
    return Path(settings.DATA_DIR) / "demo"


def refuse_elsewhere() -> None:
    """Raise NotHere on an operator's own database, unless ALLOW_DEMO is set."""
    if not settings.ALLOW_DEMO:
        raise NotHere("no demonstration on an operator's own database; ALLOW_DEMO=yes allows it")


@contextmanager
def worker() -> Iterator[None]:
    """A Celery worker with its sweep, for as long as this lasts; it ends with us, by Ctrl-C or SIGTERM too."""
    log = home() / "worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "selfbilling",
                "worker",
                "--beat",
                "--loglevel",
                "WARNING",
                "--concurrency",
                str(os.cpu_count() or 1),
            ],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
        )
    try:
        _wait_until_it_answers(process, log=log)
        yield
    finally:
        end(process)


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", *, log: Path) -> None:
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise Unavailable(f"the Celery worker ended at once: see {log}")
        if workers_answer():
            return
        time.sleep(0.2)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a child to end, and make it after ten seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(period: Period, *, relays: int) -> Standing:
    """Take the month to delivered, from wherever it stands."""
    found = standing(period)
    if not found.invoices and not found.drafts:
        _import(period, relays=relays)
        found = standing(period)
    staff()
    name = str(period)
    if found.next_command.startswith("bill"):
        call_command("bill", name, by=CAMILLE)
    if standing(period).next_command.startswith("approve"):
        call_command("approve", name, by=DOMINIQUE)
    if standing(period).next_command.startswith("issue"):
        call_command("issue", name)
    if standing(period).next_command.startswith("deliver"):
        call_command("deliver", name)
    call_command("export_run", name, str(exported(period)))
    return standing(period)


def exported(period: Period) -> Path:
    """Where the month's sealed PDF files and register lie under their numbers."""
    return home() / f"export-{period}"


def _import(period: Period, *, relays: int) -> None:
    files = home() / f"files-{period}"
    network.write(files, months=[str(period)], relays=relays)
    sys.stdout.write(f"A network of {relays} relays, as an operator's files: {files}\n")
    for kind in ("relays", "mandates", "tariffs", "activity", "adjustments"):
        call_command(f"import_{kind}", str(files / f"{kind}.csv"))


def staff() -> list[tuple[str, str, str]]:
    """The demonstration's logins: (e-mail, password, what for). The password is made once and kept beside the files."""
    file = home() / "password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    password = file.read_text()
    logins = []
    for email, group, what in (
        (CAMILLE, "billing", "billing manager, who bills"),
        (DOMINIQUE, "billing", "billing manager, who approves"),
        (ADMIN, "support", "everything"),
    ):
        person = people.create_staff(email=email, group=group) if not _known(email) else Person.objects.get(email=email)
        if not person.check_password(password):
            person.set_password(password)
            person.is_demo = True
            person.is_superuser = email == ADMIN
            person.save(update_fields=["password", "is_demo", "is_superuser"])
        logins.append((email, password, what))
    return logins


def _known(email: str) -> bool:
    return Person.objects.filter(email=email).exists()
