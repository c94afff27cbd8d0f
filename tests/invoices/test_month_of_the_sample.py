"""The whole month of the sample through the public commands, and the status of each command that goes wrong."""

import csv
import datetime as dt
import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from invoices.models import Invoice, Run
from relays.models import Identity, Person
from selfbilling import edge
from tests import world
from tests.invoices.committed import committed_database
from tests.selfbilling.users import Place

SAMPLE = Path(__file__).resolve().parents[1] / "sample"
FILES = ("relays", "mandates", "tariffs", "activity", "adjustments")
CAMILLE, DOMINIQUE = "camille@example.org", "dominique@example.org"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


class Commands:
    """`manage.py`, as its process runs it but for the process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object, day: dt.date | None = world.BILLED_ON) -> Ended:
        """Run a command on that day; None: on the machine's own, for a seal's certificate is valid only since it was made."""
        self._capsys.readouterr()
        with world.on(day) if day else nullcontext():
            try:
                status = edge.run(["manage.py", *map(str, arguments)])
            except SystemExit as ended:
                status = int(ended.code or 0)
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(status, said.out, said.err)

    def done(self, *arguments: object, day: dt.date | None = world.BILLED_ON) -> str:
        """… which must succeed; what it printed."""
        ended = self(*arguments, day=day)
        assert ended.status == 0, ended
        return ended.out


@pytest.fixture
def manage(db: None, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    """In a database of its own: a command closes its connection in the end."""
    before = signal.getsignal(signal.SIGTERM)  # a command answers it in its own way
    with committed_database():
        yield Commands(capsys)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def staffed(manage: Commands) -> Commands:
    """Camille and Dominique are members of billing; R0001 has 100 parcels in October."""
    world.camille()
    world.dominique()
    world.tariff()
    world.did(world.relay(), 100)
    return manage


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


def test_the_sample_s_month_from_files_to_an_export_that_equals_the_expected_register(manage: Commands, tmp_path: Path) -> None:
    for email in (CAMILLE, DOMINIQUE):
        assert "http" in manage.done("create_staff", email, "--group", "billing")
    for name in FILES:
        manage.done(f"import_{name}", SAMPLE / f"{name}.csv")
    billed = manage.done("bill", "2026-10", "--by", CAMILLE)
    assert "2026-10: 40 drafts" in billed
    assert "First invoice: 40." in billed
    assert "40 drafts approved" in manage.done("approve", "2026-10", "--by", DOMINIQUE)
    assert "40 issued now; 40 invoices" in manage.done("issue", "2026-10", "--issue-date", "2026-11-01", day=None)
    assert "0 issued now; 40 invoices" in manage.done("issue", "2026-10", day=None)

    for folder in ("one", "two"):
        manage.done("export_run", "2026-10", tmp_path / folder)
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()} for folder in ("one", "two"))
    assert one == two
    assert len(one) == 42
    register, expected = rows(tmp_path / "one" / "register.csv"), rows(SAMPLE / "expected_register.csv")
    assert [{column: row[column] for column in expected[0]} for row in register] == expected
    assert {row["issue_date"] for row in register} == {"2026-11-01"}
    assert [row["number"] for row in register] == [f"{row['relay_code']}-2026-00001" for row in expected]
    assert [hashlib.sha256(one[row["file"]]).hexdigest() for row in register] == [row["sha256"] for row in register]
    assert one["held.csv"] == b"relay_code,reason,detail\n"

    files = sorted((tmp_path / "one").glob("*.pdf"))
    verdicts = manage.done("verify", *files).splitlines()
    assert len(verdicts) == 40
    assert all("VALID" in verdict and file.name in verdict for verdict, file in zip(verdicts, files, strict=True))
    changed = bytearray(files[7].read_bytes())
    changed[len(changed) // 2] ^= 1
    files[7].write_bytes(changed)
    judged = manage("verify", *files)
    assert judged.status == 1
    assert [file for file, verdict in zip(files, judged.out.splitlines(), strict=True) if "NOT VALID" in verdict] == [files[7]]


def test_held_relays_are_a_result_and_are_exported(staffed: Commands, tmp_path: Path) -> None:
    Identity.objects.update(city="")
    assert "R0001 incomplete_identity: city empty: import it" in staffed.done("bill", "2026-10", "--by", CAMILLE)
    staffed.done("approve", "2026-10", "--by", DOMINIQUE)
    staffed.done("issue", "2026-10", day=None)
    staffed.done("export_run", "2026-10", tmp_path)
    assert rows(tmp_path / "held.csv") == [{"relay_code": "R0001", "reason": "incomplete_identity", "detail": "city empty: import it"}]


# Wrong usage: 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("bill", "2026-1", "--by", CAMILLE),
        ("bill", "2026-13", "--by", CAMILLE),
        ("bill", "October", "--by", CAMILLE),
        ("bill", "2026-10"),
        ("approve", "2026/10", "--by", DOMINIQUE),
        ("issue", "10-2026"),
        ("issue", "2026-10", "--issue-date", "02/11/2026"),
        ("month", "2026"),
        ("export_run", "2026-10"),
        ("verify",),
        ("create_staff", CAMILLE, "--group", "kings"),
    ],
)
def test_wrong_usage(staffed: Commands, arguments: tuple[str, ...]) -> None:
    ended = staffed(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert "usage: manage.py" in ended.err


# The user's mistake, or something to be done again: 1


def refused(ended: Ended, because: str) -> None:
    """In one line, the last one, which says what to do."""
    assert (ended.status, because in ended.err.splitlines()[-1]) == (1, True), ended


def test_bill_refuses(staffed: Commands) -> None:
    refused(staffed("bill", "2026-10", "--by", CAMILLE, day=dt.date(2026, 10, 31)), "2026-10 is not over")
    refused(staffed("bill", "2026-09", "--by", CAMILLE), "nothing to bill in 2026-09")
    refused(staffed("bill", "2026-10", "--by", "nobody@example.org"), "nobody@example.org is not an active member of billing")
    Person.objects.filter(email=CAMILLE).update(is_active=False)
    refused(staffed("bill", "2026-10", "--by", CAMILLE), "is not an active member of billing")
    staffed.done("create_staff", "chris@example.org", "--group", "clerks")
    refused(staffed("bill", "2026-10", "--by", "chris@example.org"), "is not an active member of billing")
    assert not Run.objects.exists()


def test_approve_refuses(staffed: Commands) -> None:
    refused(staffed("approve", "2026-10", "--by", DOMINIQUE), "2026-10 has no drafts: bill it first")
    staffed.done("bill", "2026-10", "--by", "Camille@Example.org")
    refused(staffed("approve", "2026-10", "--by", CAMILLE), "another member of billing must approve it")
    refused(staffed("approve", "2026-10", "--by", "nobody@example.org"), "is not an active member of billing")
    world.adjusted(Identity.objects.get().relay, "1.00")
    refused(staffed("approve", "2026-10", "--by", DOMINIQUE), "changed after the drafts were made: bill again")


def test_issue_refuses(staffed: Commands) -> None:
    refused(staffed("issue", "2026-10"), "2026-10 has no drafts")
    staffed.done("bill", "2026-10", "--by", CAMILLE)
    refused(staffed("issue", "2026-10"), "are not approved")
    staffed.done("approve", "2026-10", "--by", DOMINIQUE)
    refused(staffed("issue", "2026-10", "--issue-date", "2026-11-03"), "is in the future")
    refused(staffed("issue", "2026-10", "--issue-date", "2026-10-30"), "is before 2026-10-31")
    Run.objects.update(state="issuing", issue_date=dt.date(2026, 11, 1))  # as a killed command leaves it
    refused(staffed("issue", "2026-10", "--issue-date", "2026-11-02"), "is being issued on 2026-11-01")
    staffed.done("issue", "2026-10", day=None)
    assert Invoice.objects.get().issue_date == dt.date(2026, 11, 1)


def test_export_refuses(staffed: Commands, tmp_path: Path) -> None:
    refused(staffed("export_run", "2026-09", tmp_path), "2026-09 was never billed")
    world.billed_approved_and_issued()
    refused(staffed("export_run", "2026-10", tmp_path), "1 invoice of 2026-10 not archived yet: run `issue 2026-10`")
    staffed.done("issue", "2026-10", day=None)
    (tmp_path / "other.pdf").touch()
    refused(staffed("export_run", "2026-10", tmp_path), "holds other PDF files")


def test_verify_says_of_a_file_that_is_no_invoice_that_it_is_not_valid(staffed: Commands, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    ended = staffed("verify", tmp_path / "a.pdf", tmp_path / "missing.pdf")
    assert ended.status == 1
    assert [verdict.partition(": ")[2].split(".")[0] for verdict in ended.out.splitlines()] == ["NOT VALID", "NOT READ"]


def test_month_says_where_it_stands_and_the_next_command(staffed: Commands) -> None:
    assert "Next: manage.py bill 2026-10 --by EMAIL" in staffed.done("month", "2026-10")
    world.billed_approved_and_issued()
    said = staffed.done("month", "2026-10")
    assert "invoices         1, net 38.50 EUR, gross 46.20 EUR" in said
    assert "waits: 1 to seal" in said


# Real processes, in an installation of their own


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("installation")
    made = Place(folder)
    yield made
    made.remove()


def test_statuses_of_real_processes(place: Place) -> None:
    place.user()  # so that the database stays up from one command to the next

    def manage(*arguments: object) -> Ended:
        process = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=settings.BASE_DIR,
            env={**place.environment, "DATA_DIR": str(place.data_dir)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in process.stderr
        return Ended(process.returncode, process.stdout, process.stderr)

    assert manage("create_staff", CAMILLE, "--group", "billing").status == 0
    assert manage("bill", "2026-1", "--by", CAMILLE).status == 2
    refused(manage("bill", "2026-10", "--by", DOMINIQUE), "is not an active member of billing")
    assert manage("verify", SAMPLE / "relays.csv").status == 1
