"""The import commands on the operator's files: all or nothing, the good rows alone, statuses, the journal."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from invoices.importing import activity
from invoices.models import Activity, Adjustment, Band
from relays.importing import relays
from relays.models import Mandate, Relay
from selfbilling import locks
from selfbilling.errors import Refused
from selfbilling.models import JournalEntry
from selfbilling.tabular.importing import BadRows, preview, take, take_good_rows
from tests.operators_files import RELAY, write

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).resolve().parents[1] / "sample"
Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """Run an import command; what it says on its standard output."""

    def run(kind: str, file: Path, *arguments: str) -> str:
        out = io.StringIO()
        call_command(f"import_{kind}", str(file), *arguments, stdout=out)
        return out.getvalue()

    return run


def test_the_sample_month_goes_in_and_twice_changes_nothing(run: Run) -> None:
    expected = {"relays": 40, "mandates": 40, "tariffs": 7, "activity": 3647, "adjustments": 4}
    for kind, count in expected.items():
        assert f"{kind}.csv: {count} new, 0 changed, 0 there already, 0 bad." in run(kind, SAMPLE / f"{kind}.csv")
    models = (Relay, Mandate, Band, Activity, Adjustment)
    assert [model.objects.count() for model in models] == list(expected.values())
    for kind, count in expected.items():
        assert f"0 new, 0 changed, {count} there already, 0 bad." in run(kind, SAMPLE / f"{kind}.csv")


def test_an_import_has_one_entry_in_the_journal(run: Run, tmp_path: Path) -> None:
    run("relays", SAMPLE / "relays.csv")
    entry = JournalEntry.objects.get()
    assert (entry.act, entry.subject, entry.by) == ("imported", "file:relays.csv", None)
    assert entry.through.startswith("command line, ")
    assert {key: entry.detail[key] for key in ("kind", "new", "changed", "same", "bad")} == {
        **{"kind": "relays", "new": 40, "changed": 0, "same": 0, "bad": 0}
    }
    odd = tmp_path / os.fsdecode(b"relais \xe9" + b"x" * 200)
    run("relays", write(odd, RELAY))
    assert JournalEntry.objects.count() == 2


def refused(run: Run, kind: str, file: Path, *arguments: str) -> list[str]:
    """What the command says, line by line; its status is 1 then (tests/selfbilling/test_edge.py)."""
    with pytest.raises(Refused) as refusal:
        run(kind, file, *arguments)
    return str(refusal.value).splitlines()


def test_a_file_with_bad_rows_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "relays.csv", RELAY, {**RELAY, "relay_code": "R2", "siret": "12"})
    assert refused(run, "relays", file) == [
        "line 3: siret “12” is not 14 digits; ask the relay for its SIRET; a spreadsheet may have rounded it",
        f"{file}: 1 of 2 rows is bad; nothing was changed. Mend the file, or take its good rows with --partial"
        " (the bad ones go to relays.csv.rejected.csv).",
    ]
    assert not Relay.objects.exists()
    assert not JournalEntry.objects.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["relays.csv"]


@pytest.mark.parametrize("kind", ["relays", "mandates", "tariffs", "activity", "adjustments"])
def test_what_is_no_such_file_is_refused_in_one_line(run: Run, kind: str, tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes("é,è\n".encode("latin-1"))
    empty = tmp_path / "empty.csv"
    empty.touch()
    header = tmp_path / "header.csv"
    header.write_text("label\nx\n")
    large = tmp_path / "large.csv"
    with large.open("wb") as out:
        out.truncate(200_000_000)  # no bytes on the disk
    for file in (tmp_path / "none.csv", tmp_path, latin, empty, header, large):
        for partial in ([], ["--partial"]):
            (said,) = refused(run, kind, file, *partial)
            assert said.startswith(f"{file}: ")
    assert not JournalEntry.objects.exists()


def test_a_thousand_bad_rows_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    file = write(tmp_path / "relays.csv", *({**RELAY, "siret": "?", "iban": "?"} for _ in range(1_234)))
    with pytest.raises(BadRows) as bad:
        take(relays.judge, file)
    lines = str(bad.value).splitlines()
    assert len({line.partition(":")[0] for line in lines[:-2]}) == 1_000
    assert lines[-2] == "and 234 more bad rows"
    assert "1234 of 1234 rows are bad" in lines[-1]


def test_a_preview_tells_and_changes_nothing(tmp_path: Path) -> None:
    report = preview(relays.judge, write(tmp_path / "relays.csv", RELAY, {**RELAY, "relay_code": "-"}))
    assert str(report.counts) == "1 new, 0 changed, 0 there already, 1 bad"
    assert report.listing[0].startswith("line 3: relay_code “-” is not a relay code")
    preview(activity.judge, SAMPLE / "activity.csv")
    assert "staged" not in connection.introspection.table_names()
    assert not Relay.objects.exists()
    assert not JournalEntry.objects.exists()


def test_the_bad_rows_are_rejected_mended_and_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "relays.csv"
    good, bad = list(RELAY.values()), list({**RELAY, "relay_code": "R2", "siret": "12", "phone": "06;07"}.values())
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=";").writerows([[*RELAY, "note"], [*good, "n"], [*bad, "b"]])
    assert f"The bad rows are in {file}.rejected.csv" in run("relays", file, "--partial")
    rejected = tmp_path / "relays.csv.rejected.csv"
    text = rejected.read_text(encoding="utf-8")
    assert text.startswith("\ufeffrelay_code;")
    header, row = csv.reader(io.StringIO(text[1:]), delimiter=";")
    assert header == [*RELAY, "note", "line", "reason"]
    assert row[:-1] == [*bad, "b", "3"]
    assert row[-1].startswith("siret “12” is not 14 digits")
    assert "0 new, 0 changed, 0 there already, 1 bad." in run("relays", rejected, "--partial")  # not mended yet
    again = (tmp_path / "relays.csv.rejected.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert next(csv.reader(io.StringIO(again), delimiter=";")) == header
    rejected.write_text(text.replace(";12;", f";{RELAY['siret']};"), encoding="utf-8")
    assert "1 new, 0 changed, 0 there already, 0 bad." in run("relays", rejected)
    assert [relay.code for relay in Relay.objects.all()] == ["R0001", "R2"]


def test_rows_that_are_no_rows_are_rejected_as_they_are_written(tmp_path: Path) -> None:
    Relay.objects.create(code="R0001")
    file = tmp_path / "activity.csv"
    file.write_text('relay_code,day,service_code,quantity\nR0001,2026-10-01\nR0001,2026-10-01,LIV,1,2\nR0001,2026-10-01,"L"IV,1\n')
    assert take_good_rows(activity.judge, file).counts.bad == 3
    rows = list(csv.reader(io.StringIO((tmp_path / "activity.csv.rejected.csv").read_text())))
    assert [row[:5] for row in rows[1:]] == [
        ["R0001", "2026-10-01", "", "", "2"],
        ["R0001", "2026-10-01", "LIV", "1", "3"],
        ["R0001", "2026-10-01", '"L"IV', "1", "4"],
    ]
    assert rows[2][6:] == ["2"]  # the cell too many is not lost


def test_where_the_bad_rows_cannot_be_written_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "relays.csv.rejected.csv").mkdir()
    file = write(tmp_path / "relays.csv", RELAY, {**RELAY, "relay_code": "-"})
    with pytest.raises(Refused, match="cannot be written"):
        take_good_rows(relays.judge, file)
    assert not Relay.objects.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["relays.csv", "relays.csv.rejected.csv"]


def test_without_bad_rows_nothing_is_rejected(run: Run, tmp_path: Path) -> None:
    run("relays", write(tmp_path / "relays.csv", RELAY), "--partial")
    assert [path.name for path in tmp_path.iterdir()] == ["relays.csv"]


@pytest.mark.parametrize("lock", ["pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared"])
def test_nobody_bills_and_no_other_file_goes_in_meanwhile(tmp_path: Path, lock: str) -> None:
    assert others_may(lock) is True
    take(relays.judge, write(tmp_path / "relays.csv", RELAY))  # the test's own transaction goes on
    assert others_may(lock) is False


def test_who_bills_lets_others_bill_and_no_file_in() -> None:
    locks.hold_inputs()
    assert others_may("pg_try_advisory_xact_lock_shared") is True
    assert others_may("pg_try_advisory_xact_lock") is False


def others_may(lock: str) -> bool:
    """Whether another connection gets that lock on the inputs."""
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as other:
        row = other.execute(f"SELECT {lock}(%s)", [locks.INPUTS]).fetchone()
    return bool(row and row[0])
