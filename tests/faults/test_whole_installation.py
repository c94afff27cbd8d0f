"""An installation as a newcomer has it, with its own embedded database: whatever is killed, it goes on where it stopped."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Process
from tests.faults.scene import CAMILLE, DOMINIQUE, ISSUE, MONTH, SAMPLE, Lock, Scene
from tests.faults.whole import assert_archive_is_what_rows_name, assert_no_gap, undisturbed
from tests.selfbilling.users import Place, end, kill

FEW = ("relay_code,", "R0001,", "R0002,", "R0003,")
KINDS = ("relays", "mandates", "activity")
RELAYS = 3


@pytest.fixture
def place() -> Iterator[Place]:
    """A DATA_DIR of its own."""
    folder = Path(tempfile.mkdtemp(prefix="place-", dir="/tmp"))
    folder.chmod(0o711)
    place = Place(folder)
    yield place
    place.remove()


@pytest.fixture
def own(place: Place) -> Iterator[Scene]:
    """Three relays of the sample in it, approved."""
    scene = Scene(place.folder, "", "selfbilling")
    del scene.environment["DATABASE_URL"]
    for kind in KINDS:
        lines = (SAMPLE / f"{kind}.csv").read_text().splitlines(keepends=True)
        (place.folder / f"{kind}.csv").write_text("".join(line for line in lines if line.startswith(FEW)))
    scene.prepare(
        *(["create_staff", email, "--group", "billing"] for email in (CAMILLE, DOMINIQUE)),
        *([f"import_{kind}", str(place.folder / f"{kind}.csv")] for kind in ("relays", "mandates")),
        ["import_tariffs", str(SAMPLE / "tariffs.csv")],
        ["import_activity", str(place.folder / "activity.csv")],
        ["bill", MONTH, "--by", CAMILLE],
        ["approve", MONTH, "--by", DOMINIQUE],
    )
    yield scene
    for process in scene.started:
        process.kill_all()


def stopped_while_sealing(scene: Scene, place: Place) -> Process:
    """A user of the test's keeps the database up, so that there is one to take the lock in."""
    _, scene.sockets = place.user()
    connection = scene.connect()
    connection.execute("BEGIN; LOCK TABLE invoices_document IN SHARE MODE")
    issue = scene.start(*ISSUE)
    scene.stopped_at(Lock(connection), issue)
    return issue


def test_the_database_killed_then_everything_killed_then_the_same_command(place: Place, own: Scene) -> None:
    issue = stopped_while_sealing(own, place)
    kill(*place.alive())
    ended = issue.ended()
    assert (ended.status, len(ended.lines)) == (1, 1), ended.err
    assert ended.lines[0].startswith("The database ")
    assert ended.lines[0].endswith("run the command again.")

    issue = stopped_while_sealing(own, place)
    kill(place.guardian() or 0, *(user.pid for user in place.started), issue.pid, *place.alive())

    own.done(*ISSUE)
    assert place.alive() == set()  # the last user has stopped it
    own.done("export_run", MONTH, str(place.folder / "export"))
    with (SAMPLE / "expected_register.csv").open(newline="") as file:
        expected = list(csv.DictReader(file))[:RELAYS]
    exported = undisturbed(place.folder / "export" / "register.csv")
    assert [{name: row[name] for name in expected[0]} for row in exported] == expected
    assert [row["number"] for row in exported] == [f"RR{row['relay_code']}-2026-00001" for row in expected]

    user, own.sockets = place.user()
    assert own.rows("SELECT step, count(*) FROM invoices_due GROUP BY step") == [("deliver", RELAYS)]
    assert_no_gap(own)
    assert_archive_is_what_rows_name(own)
    assert end(user) == 0
    place.wait_for_the_guardian_to_leave()
    assert place.alive() == set()
