"""The demonstration: a network in files, read back through the public commands, last month from files to delivered.

Everything is real: the same commands as any operator's, a Celery worker, the embedded services, the demo certificate.
"""

import datetime as dt
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from invoices.demonstration import network
from invoices.period import Period
from invoices.register import held_now
from invoices.standing import Standing, standing
from relays import people
from relays.importing import mandates
from relays.models import Membership, Person, Relay, Role
from selfbilling.celery import workers_answer
from selfbilling.errors import Refused, Unavailable
from selfbilling.tabular import importing

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
    enter_missing_mandates(period)
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


@dataclass(frozen=True, slots=True)
class Login:
    """One of the demonstration's printed logins."""

    email: str
    what: str
    group: str = ""  # of staff
    role: str = ""  # at how many of the demonstration's relays
    relays: int = 0


LOGINS = (
    Login(CAMILLE, "billing manager, who bills", group="billing"),
    Login(DOMINIQUE, "billing manager, who approves", group="billing"),
    Login("claude.mandats@reseau-relais.example", "mandate clerk", group="clerks"),
    Login("sacha.support@reseau-relais.example", "support", group="support"),
    Login(ADMIN, "everything", group="support"),
    Login("alice@point-relais.example", "owner of a shop", role=Role.OWNER, relays=1),
    Login("bob@point-relais.example", "employee there", role=Role.EMPLOYEE, relays=1),
    Login("chloe@cabinet-comptable.example", "accountant of forty shops", role=Role.ACCOUNTANT, relays=40),
)


def password() -> str:
    """The password of all of them: made once, kept beside the files."""
    file = home() / "password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text()


def staff() -> None:
    """Make those who bill and approve, before there is anything to look at."""
    for login in LOGINS:
        if login.group:
            _make(login)


def everybody() -> Sequence[Login]:
    """Make all logins that are not there yet; returns them."""
    shops = list(Relay.objects.filter(invoices__isnull=False).order_by("code").distinct()[:40])
    for login in LOGINS:
        person = _make(login)
        for relay in shops[: login.relays]:
            Membership.objects.get_or_create(person=person, relay=relay, defaults={"role": login.role})
    return LOGINS


def enter_missing_mandates(period: Period) -> None:
    """What the mail brought for the relays held without mandate: a clerk has uploaded it, another one is to approve it."""
    file = home() / f"mandates-to-approve-{period}.csv"
    held = [one.relay for one in held_now(period) if one.reason == "no_mandate"]
    if file.exists() or not held:
        return
    rows = []
    for relay in held:
        last = relay.mandates.order_by("-valid_from").first()
        first = last.valid_to + dt.timedelta(days=1) if last is not None and last.valid_to else period.first
        rows.append(f"{relay.code},2026-1,{first - dt.timedelta(days=10)},{first},,paper\n")
    file.write_text("relay_code,text_version,signed_on,valid_from,valid_to,channel\n" + "".join(rows))
    admin = Person.objects.get(email=ADMIN)
    importing.take(partial(mandates.judge_to_approve, entered_by=admin), file, by=admin)


def _make(login: Login) -> Person:
    person = Person.objects.filter(email=login.email).first()
    if person is None:
        person = people.create_staff(email=login.email, group=login.group) if login.group else Person.objects.create_user(login.email)
        person.name = login.email.partition("@")[0].partition(".")[0].capitalize()
        person.is_superuser = login.email == ADMIN
        person.is_demo = True
        person.set_password(password())
        person.save()
    return person
