"""Paper batches: who is in them, in which order, what lies in the folder."""

import csv
import datetime as dt
import hashlib
import io
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.asserts import assertContains

from invoices import production, tasks
from invoices.delivery import bouncing, paper, starting
from invoices.delivery.mailing import mail
from invoices.delivery.outcome import outcome
from invoices.models import Delivery, Document, Due, Invoice, PaperBatch
from invoices.period import Period
from relays.models import OptIn
from selfbilling.models import JournalEntry
from tests import world
from tests.invoices.archived import archived, to_deliver
from tests.world import OCTOBER

pytestmark = pytest.mark.django_db
NOVEMBER = Period.named("2026-11")


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MAIL_DIR, settings.PAPER_DIR = tmp_path / "mail", tmp_path / "paper"
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


# What comes to paper once its month was delivered.


@pytest.fixture
def came_back() -> Invoice:
    """October's two were delivered, one on paper; the e-mail of the other came back."""
    emailed, _posted = to_deliver(email=1, paper=1)
    write_all()
    mail([emailed.pk])
    bouncing.bounce(delivery_id=emailed.deliveries.get().pk, by=world.camille(), reason="550 5.1.1 user unknown")
    return emailed


def november(came_back: Invoice) -> Invoice:
    """The same relay's next invoice, on paper, that a person has said may be delivered."""
    day = dt.date(2026, 12, 2)
    OptIn.objects.all().delete()
    world.did(came_back.relay, 50, month=NOVEMBER)
    world.billed_approved_and_issued(day, month=NOVEMBER)
    made = Invoice.objects.get(relay=came_back.relay, period=NOVEMBER.first)
    with world.on(day):
        production.produce([made.pk])
        production.shelve([made.pk])
    starting.start(NOVEMBER)
    return made


def numbers_in(batch: PaperBatch) -> list[str]:
    return sorted(batch.deliveries.values_list("invoice__number", flat=True))


def test_what_came_back_goes_with_the_next_month_that_is_delivered(came_back: Invoice, folder: Path) -> None:
    later = november(came_back)
    said = io.StringIO()
    call_command("deliver", "2026-11", stdout=said)
    assert "2026-11: 0 e-mailed, 1 on paper in 1 batch.\nOf earlier months, now on paper too: 1.\n" in said.getvalue()
    made = PaperBatch.objects.latest("pk")
    assert (str(made), numbers_in(made)) == ("2026-11-001", [came_back.number, later.number])
    assert (folder.parents[1] / "2026-11" / "batch-001" / "manifest.csv").read_text().count(came_back.number) == 1
    assert not Due.objects.exists()
    found = outcome(NOVEMBER)
    assert (found.on_paper, found.batches, found.of_earlier_months, found.folders) == (1, 1, 1, ["2026-11"])
    found = outcome(OCTOBER)
    assert (found.on_paper, found.batches, found.of_earlier_months, found.folders) == (2, 2, 0, ["2026-10", "2026-11"])


def test_a_month_that_is_delivered_again_takes_nothing_of_a_later_one(came_back: Invoice) -> None:
    later = november(came_back)
    (batch,) = paper.claim(OCTOBER)
    assert numbers_in(PaperBatch.objects.get(pk=batch)) == [came_back.number]
    assert Due.objects.filter(invoice=later).exists()


def test_what_came_back_is_on_paper_the_next_morning_and_support_sees_in_which_batch(came_back: Invoice, support: Client) -> None:
    page = reverse("desk:relay", args=[came_back.relay.code])
    assertContains(support.get(page), "est revenu")
    tasks.post()
    last = PaperBatch.objects.latest("pk")
    assert (str(last), numbers_in(last)) == ("2026-10-002", [came_back.number])
    assert not Due.objects.exists()
    assertContains(support.get(page), "2026-10-002")
    tasks.post()
    assert PaperBatch.objects.count() == 2


def test_a_batch_that_nobody_wrote_is_written_in_the_morning(folder: Path) -> None:
    to_deliver(paper=1)
    paper.claim(OCTOBER)
    tasks.post()
    assert (folder / "manifest.csv").exists()
    assert paper.months_left() == []


def test_the_morning_posts_nothing_that_no_person_has_said_may_be_delivered() -> None:
    archived(paper=1)
    tasks.post()
    assert not PaperBatch.objects.exists()
