"""E-mails into a folder: each once, none before a person says so, none in another process's hand."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from invoices import production
from invoices.delivery import starting
from invoices.delivery.mailing import mail
from invoices.delivery.outcome import outcome
from invoices.delivery.transports import MailUnavailable
from invoices.models import Delivery, Document, Due, Invoice, Run
from invoices.period import Period
from selfbilling.models import JournalEntry
from tests.invoices.archived import archived, to_deliver
from tests.world import OCTOBER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MAIL_DIR = tmp_path / "outgoing" / "mail"
    return tmp_path / "outgoing" / "mail"


def ids(invoices: list[Invoice]) -> list[int]:
    return [invoice.pk for invoice in invoices]


def test_each_is_sent_once_and_nothing_is_due_any_more(folder: Path) -> None:
    invoices = to_deliver(email=2, paper=1)
    assert mail(ids(invoices)) == 2
    assert mail(ids(invoices)) == 0
    assert sorted(file.name for file in folder.iterdir()) == [f"{i.number}.1@localhost.eml" for i in invoices[:2]]
    assert list(Due.objects.values_list("invoice", flat=True)) == [invoices[2].pk]
    delivery = Delivery.objects.get(invoice=invoices[0])
    assert (delivery.state, delivery.address, delivery.transport) == ("sent", "r0000@example.org", "files")
    assert JournalEntry.objects.filter(act="e-mailed", subject=f"invoice:{invoices[0].number}").count() == 1


def test_nothing_goes_before_a_person_says_so(folder: Path) -> None:
    invoices = archived(email=1)
    assert mail(ids(invoices)) == 0
    assert not folder.exists()


def test_saying_so_twice_is_journaled_once() -> None:
    archived(email=1)
    starting.start(OCTOBER)
    since = Run.objects.get().delivering_since
    starting.start(OCTOBER)
    assert since is not None
    assert Run.objects.get().delivering_since == since
    assert JournalEntry.objects.filter(act="delivery started").count() == 1


@pytest.mark.usefixtures("in_english")
def test_a_month_without_an_invoice_is_refused() -> None:
    with pytest.raises(starting.NothingIssued, match="month 2026-09"):
        starting.start(Period.named("2026-09"))


def _left_by_a_killed_process(invoice: Invoice) -> Delivery:
    return Delivery.objects.create(
        invoice=invoice,
        channel="email",
        transport="files",
        address=invoice.email,
        message_id=f"<{invoice.number}.1@localhost>",
        claimed_at=timezone.now(),
    )


def test_a_message_that_was_written_is_found_again(folder: Path) -> None:
    (invoice,) = to_deliver(email=1)
    _left_by_a_killed_process(invoice)
    folder.mkdir(parents=True)
    file = folder / f"{invoice.number}.1@localhost.eml"
    file.write_bytes(b"as it was written")
    assert mail([invoice.pk]) == 1
    assert file.read_bytes() == b"as it was written"
    assert Delivery.objects.get().state == Delivery.State.SENT
    assert not Due.objects.exists()


def test_a_message_that_was_not_written_is_written(folder: Path) -> None:
    (invoice,) = to_deliver(email=1)
    _left_by_a_killed_process(invoice)
    assert mail([invoice.pk]) == 1
    assert [file.name for file in folder.iterdir()] == [f"{invoice.number}.1@localhost.eml"]
    assert Delivery.objects.get().state == Delivery.State.SENT


def test_what_another_process_has_in_hand_is_left_to_it(folder: Path) -> None:
    first, second = to_deliver(email=2)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [0x5E1F, first.pk])
        assert mail([first.pk, second.pk]) == 1
    assert [file.name for file in folder.iterdir()] == [f"{second.number}.1@localhost.eml"]


def test_a_file_that_the_archive_lost_stops_no_other(folder: Path) -> None:
    first, second = to_deliver(email=2)
    sha256 = Document.objects.get(invoice=first).sha256
    production.archive()._path(sha256).unlink()
    assert mail([first.pk, second.pk]) == 1
    assert not Delivery.objects.filter(invoice=first).exists()
    due = Due.objects.get(invoice=first)
    assert "no readable" in due.last_error
    assert due.attempts == 1
    assert due.not_before is not None
    (said,) = outcome(OCTOBER).waiting
    assert said.startswith(f"1 invoice of 2026-10 not delivered yet (first: {first.number}: The archive has no readable")


def test_a_full_disk_leaves_no_half_file_and_no_claim(folder: Path) -> None:
    (invoice,) = to_deliver(email=1)
    folder.mkdir(parents=True)
    (folder / f".{invoice.number}.1@localhost.eml.writing").symlink_to("/dev/full")
    with pytest.raises(MailUnavailable, match="No space left on device"):
        mail([invoice.pk])
    assert list(folder.iterdir()) == []
    assert not Delivery.objects.exists()
    assert "No space left" in Due.objects.get().last_error
    assert mail([invoice.pk]) == 1


def test_what_is_not_archived_yet_is_said() -> None:
    (invoice,) = to_deliver(email=1)
    Due.objects.update(step=Due.Step.SHELVE)
    assert mail([invoice.pk]) == 0
    assert outcome(OCTOBER).waiting == ["1 invoice of 2026-10 not archived yet: run `issue 2026-10`, then this command again"]
