"""Paper batches: who is in them, in which order, what lies in the folder."""

import csv
import hashlib
import io
from pathlib import Path

import pikepdf
import pytest
from pytest_django import Settings

from invoices.delivery import paper
from invoices.models import Delivery, Document, Due, PaperBatch
from selfbilling.models import JournalEntry
from tests.invoices.archived import archived, to_deliver
from tests.world import OCTOBER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.PAPER_DIR = tmp_path / "paper"
    return tmp_path / "paper" / "2026-10" / "batch-001"


def write_all() -> int:
    return sum(paper.write(batch) for batch in paper.claim(OCTOBER))


def test_a_batch_is_written_and_its_invoices_are_sent(folder: Path) -> None:
    emailed, *on_paper = to_deliver(email=1, paper=3)
    assert write_all() == 3
    assert sorted(file.name for file in folder.iterdir()) == ["letters.pdf", "manifest.csv"]
    batch = PaperBatch.objects.get()
    assert batch.sha256 == hashlib.sha256((folder / "letters.pdf").read_bytes()).hexdigest()
    assert batch.written_at is not None
    assert set(Delivery.objects.filter(state="sent", batch=batch).values_list("invoice", flat=True)) == {i.pk for i in on_paper}
    assert list(Due.objects.values_list("invoice", flat=True)) == [emailed.pk]
    assert JournalEntry.objects.filter(act="paper batch written", subject="paper_batch:2026-10-001").count() == 1
    assert JournalEntry.objects.filter(act="put on paper").count() == 3


def test_the_manifest_says_what_is_in_the_print_by_postcode(folder: Path) -> None:
    invoices = to_deliver(paper=3, trade_name="Au « Coin », chez Léa", legal_form="EI", legal_name="Léa Lœuf")
    write_all()
    data = (folder / "manifest.csv").read_bytes()
    assert b"\r" not in data
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    by_postcode = sorted(invoices, key=lambda invoice: invoice.seller["postcode"])
    assert [row["number"] for row in rows] == [invoice.number for invoice in by_postcode]
    assert [(row["sequence"], row["first_page"], row["pages"]) for row in rows] == [("1", "1", "1"), ("2", "3", "1"), ("3", "5", "1")]
    assert [row["sha256"] for row in rows] == [Document.objects.get(invoice=invoice).sha256 for invoice in by_postcode]
    assert {row["letters_sha256"] for row in rows} == {PaperBatch.objects.get().sha256}
    first = rows[0]
    assert (first["name"], first["trade_name"]) == ("Léa Lœuf, EI", "Au « Coin », chez Léa")
    assert (first["address_line1"], first["postcode"], first["city"]) == ("12 rue de l’Œuvre", "06000", "Nantes")
    with pikepdf.open(folder / "letters.pdf") as pdf:
        assert len(pdf.pages) == 5


def test_nobody_is_put_on_paper_before_a_person_says_so() -> None:
    archived(paper=1)
    assert paper.claim(OCTOBER) == []


def test_many_are_shared_out_over_batches(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    to_deliver(paper=3)
    monkeypatch.setattr(paper, "AT_MOST", 2)
    assert write_all() == 3
    assert [batch.deliveries.count() for batch in PaperBatch.objects.order_by("number")] == [2, 1]
    assert (folder.parent / "batch-002" / "manifest.csv").exists()


def test_who_comes_later_is_in_another_batch(folder: Path) -> None:
    invoices = to_deliver(paper=2)
    late = Due.objects.filter(invoice=invoices[1])
    late.update(step=Due.Step.SHELVE)
    assert write_all() == 1
    late.update(step=Due.Step.DELIVER)
    assert write_all() == 1
    assert [batch.number for batch in PaperBatch.objects.order_by("pk")] == [1, 2]


def test_a_batch_left_behind_is_written_the_same(folder: Path) -> None:
    to_deliver(paper=2)
    (batch,) = paper.claim(OCTOBER)
    assert paper.claim(OCTOBER) == [batch]
    paper.write(batch)
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    PaperBatch.objects.update(written_at=None, sha256="")
    Delivery.objects.update(state="handing_over", sent_at=None)
    assert paper.write(batch) == 2
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first
    assert paper.write(batch) == 0


@pytest.mark.parametrize("name", ["letters.pdf", "manifest.csv"])
def test_a_full_disk_leaves_no_half_file_and_the_batch_waits(folder: Path, name: str) -> None:
    to_deliver(paper=1)
    (batch,) = paper.claim(OCTOBER)
    folder.mkdir(parents=True)
    (folder / f".{name}.writing").symlink_to("/dev/full")
    with pytest.raises(paper.PaperUnavailable, match="No space left on device"):
        paper.write(batch)
    assert not (folder / "manifest.csv").exists()
    assert not list(folder.glob(".*"))
    assert PaperBatch.objects.get().written_at is None
    assert paper.write(batch) == 1
