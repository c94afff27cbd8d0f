"""What must be true of October once the same command has finished, whatever happened before."""

import csv
import hashlib
from pathlib import Path

from tests.faults.scene import MONTH, Scene

ACTS = {"imported": 5, "staff created": 2, "billed": 1, "approved": 1, "issuing started": 1, "issued": 40, "issuing ended": 1}


def undisturbed(register: Path) -> list[dict[str, str]]:
    """The rows of a register.csv but for what the hour of sealing decides."""
    with register.open(newline="") as file:
        return [{name: value for name, value in row.items() if name != "sha256"} for row in csv.DictReader(file)]


def assert_whole(scene: Scene, register: list[dict[str, str]]) -> None:
    """Nothing is lost, nothing is there twice: numbers, documents, archive, journal, and what is still to do."""
    assert scene.rows("SELECT step, count(*) FROM invoices_due GROUP BY step") == [("deliver", len(register))]
    assert scene.count("invoices_unshelved") == 0
    assert_no_gap(scene)
    invoices = scene.rows(
        "SELECT i.number, count(d.id) FROM invoices_invoice i LEFT JOIN invoices_document d ON d.invoice_id = i.id GROUP BY 1"
    )
    assert sorted(invoices) == sorted((row["number"], 1) for row in register)
    assert_archive_is_what_rows_name(scene)
    assert acts(scene) == ACTS
    folder = scene.folder / "export"
    scene.done("export_run", MONTH, str(folder))
    assert undisturbed(folder / "register.csv") == register
    assert sorted(file.name for file in folder.iterdir()) == sorted(["register.csv", "held.csv", *(row["file"] for row in register)])


def assert_no_gap(scene: Scene) -> None:
    """In each series the ranks are 1, 2, 3… up to its last; each invoice has its totals, lines and what is due."""
    ranks = "SELECT s.last_rank, array_remove(array_agg(i.rank ORDER BY i.rank), NULL)"
    series = f"{ranks} FROM invoices_series s LEFT JOIN invoices_invoice i ON i.series_id = s.id GROUP BY s.id"
    assert all(found == list(range(1, last + 1)) for last, found in scene.rows(series))
    assert scene.count("invoices_invoice", "NOT invoices_adds_up(id)") == 0
    assert scene.count("invoices_invoice", "(SELECT count(*) FROM invoices_due d WHERE d.invoice_id = invoices_invoice.id) <> 1") == 0


def assert_archive_is_what_rows_name(scene: Scene) -> None:
    """The archive has exactly the documents' bytes, and nothing half written."""
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in archived(scene)}
    assert files == {sha256: sha256 for sha256 in documents(scene)}


def archived(scene: Scene) -> list[Path]:
    """The files of the archive."""
    return [file for file in scene.archive.rglob("*") if file.is_file()]


def documents(scene: Scene) -> list[str]:
    """The SHA-256 of each document."""
    return [sha256 for (sha256,) in scene.rows("SELECT sha256 FROM invoices_document")]


def acts(scene: Scene) -> dict[str, int]:
    """How often each act stands in the journal."""
    return dict(scene.rows("SELECT act, count(*) FROM selfbilling_journalentry GROUP BY act"))
